// Corrections in a real browser: a closure ordered, a draft's differences looked at and sent, a list withdrawn, new wages of a filed month.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.FEHREST_PICTURES; // a folder for pictures of the pages; none are taken without it

let browser, window, url, tokens, folder;

async function freePort() {
  const s = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => s.once("listening", done));
  const { port } = s.address();
  await new Promise((done) => s.close(done));
  return port;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "fehrest-correct-"));
  chmodSync(folder, 0o755); // PostgreSQL's own user passes through it
  const program = join(folder, "fehrest");
  execFileSync("go", ["build", "-o", program, "./cmd/fehrest"], { cwd: root, stdio: "inherit" });
  const data = join(folder, "data");
  window = spawn(program, ["demo", "--addr", `127.0.0.1:${await freePort()}`, "--data", data], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  window.stdout.on("data", (b) => (said += b));
  for (let i = 0; i < 600 && !url; i++) {
    await pause(200);
    assert.equal(window.exitCode, null, "the demo ended:\n" + said);
    try {
      const demo = JSON.parse(readFileSync(join(data, "demo.json"), "utf8"));
      if ((await fetch(demo.url + "/readyz")).ok) ({ url, tokens } = demo);
    } catch { /* not yet */ }
  }
  assert.ok(url, "the demo does not come up:\n" + said);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}, { timeout: 300_000 });

after(async () => {
  await browser?.close();
  if (window && window.exitCode === null) {
    const gone = new Promise((done) => window.once("exit", done));
    window.kill("SIGINT");
    await Promise.race([gone, pause(20_000).then(() => window.kill("SIGKILL"))]);
  }
  rmSync(folder, { recursive: true, force: true });
});

async function check(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), []);
  const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(inside <= outside, `the page is ${inside} wide in a window of ${outside}`);
  if (pictures) await page.screenshot({ path: join(pictures, name + ".png"), fullPage: true });
}

// read asks the API as the employer.
async function read(path) {
  const answer = await fetch(url + path, { headers: { Authorization: "Bearer " + tokens.employer } });
  assert.ok(answer.ok, path);
  return answer.json();
}

test("an employer corrects what is filed", { timeout: 180_000 }, async (t) => {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  const wrong = [];
  page.on("request", (r) => r.url().startsWith(url) || wrong.push("request to " + r.url()));
  page.on("pageerror", (e) => wrong.push(e.message));
  await page.goto(url + "/");
  await page.getByLabel("نشانهٔ ورود").fill(tokens.employer);
  await page.getByRole("button", { name: "ورود" }).click();
  await page.getByRole("heading", { name: "ارسال لیست" }).waitFor();

  let filed;
  for (let i = 0; i < 150 && !filed; i++) {
    const lists = (await read("/v1/lists?limit=100")).items;
    filed = lists.find((l) => l.state === "answered" && l.kind === "original" && l.version === 1 && l.contract_row === "000" && l.replaced_by === "");
    if (!filed) await pause(400);
  }
  assert.ok(filed, "the demo's lists are answered");
  const shop = filed.workshop_code;
  const person = (await read(`/v1/lists/${filed.id}/assessment`)).lines[0];

  await t.test("a closure is ordered and cancelled", async () => {
    await page.goto(url + "/");
    await page.getByRole("link", { name: "تعطیلی کارگاه " + shop }).click();
    const months = page.getByLabel("از ماه");
    const first = await months.locator("option").nth(3).getAttribute("value");
    await months.selectOption(first);
    await page.getByLabel("تا پایان ماه").selectOption(await months.locator("option").nth(5).getAttribute("value"));
    await page.getByRole("button", { name: "دستور تعطیلی" }).click();
    await page.getByText("در جریان", { exact: true }).waitFor();
    assert.equal(await page.locator("tbody tr").count(), 3);
    await check(page, "closure");
    await page.getByRole("button", { name: "لغو تعطیلی" }).click();
    await page.getByText("لغو شد", { exact: true }).waitFor();
    await check(page, "closure-cancelled");
  });
  await t.test("new wages of a filed month become a draft, whose effect is shown and which is sent from there", async () => {
    await page.goto(`${url}/workshops/${shop}/arrears`);
    await check(page, "arrears");
    const daily = Math.round(person.monthly_wage / 25);
    const wages = { workshop: {}, lines: [{ national_code: person.national_code, daily_wage: daily }] };
    const send = async (file) => {
      await page.locator("input[type=file]").setInputFiles({ name: "wages.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(file)) });
      await page.getByLabel("از ماه").selectOption(filed.period);
      await page.getByLabel("تا پایان ماه").selectOption(filed.period);
      await page.getByRole("button", { name: "ساختن پیش‌نویس متمم‌ها" }).click();
    };
    await send({ workshop: {}, lines: [{ national_code: person.national_code, daily_wage: 1 }] });
    await page.getByText("ساخته نشد").waitFor();
    await check(page, "arrears-refused");
    await send(wages);
    await page.getByText("پیش‌نویس متمم آماده است").waitFor();
    await check(page, "arrears-made");
    await page.getByRole("link", { name: "دیدن اثر و ارسال" }).click();
    await page.getByRole("heading", { name: "نفر به نفر" }).waitFor();
    await page.getByText("بر لیست‌های همین ماه افزوده می‌شود").waitFor();
    await check(page, "difference-supplementary");
    await page.setViewportSize({ width: 390, height: 844 });
    await check(page, "difference-telephone");
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.getByRole("button", { name: "ارسال به هر دو سازمان" }).click();
    await page.locator(".lead .tag").getByText("هر دو پاسخ رسید").waitFor({ timeout: 60_000 });
    await page.getByText("دیگر پس گرفتنی نیست").waitFor();
    await check(page, "sent");
  });
  await t.test("a draft is withdrawn", async () => {
    const before = await (await fetch(`${url}/v1/lists/${filed.id}/files/${encodeURIComponent(filed.file_name)}`, { headers: { Authorization: "Bearer " + tokens.employer } })).arrayBuffer();
    await page.goto(url + "/");
    await page.locator("input[type=file]").setInputFiles({ name: filed.file_name, mimeType: "application/octet-stream", buffer: Buffer.from(before) });
    await page.getByRole("button", { name: "فقط بررسی" }).click();
    await page.waitForURL(/\/lists\//); // the same bytes are in force: it is the list itself
    await check(page, "list");
    const draft = { workshop: { workshop_code: shop, period: filed.period, list_no: "09", kind: "supplementary" }, lines: [] };
    const row = (await read(`/v1/lists/${filed.id}/assessment`)).lines[0];
    draft.lines.push({ national_code: row.national_code, first_name: "علی", last_name: "محمدی", father_name: "حسین", birth_date: "1370/05/06", id_number: "1", issue_place: "تهران",
      sex: "مرد", insurance_number: "87650001", job_code: "413110", job_title: "کارشناس", days: 0, overtime: 1000000, start_date: "1400/01/01", education: "4", employment_type: "1", job_family: "2" });
    await page.goto(url + "/");
    await page.locator("input[type=file]").setInputFiles({ name: "draft.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(draft)) });
    await page.getByRole("button", { name: "فقط بررسی" }).click();
    await page.getByRole("link", { name: "پس گرفتن لیست" }).click();
    await page.getByRole("heading", { name: /^پس گرفتن لیست/ }).waitFor();
    await check(page, "withdrawal");
    await page.getByRole("button", { name: "لیست را پس می‌گیرم" }).click();
    await page.locator(".lead .tag").getByText("پس گرفته شد").waitFor();
    await check(page, "withdrawn");
  });
  assert.deepEqual(wrong, []);
  await context.close();
});
