// A month filed wholly by hand in a real browser, then both lanes switched to gateways: nothing is sent twice. And the desk.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHTTP } from "node:http";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.FEHREST_PICTURES; // a folder for pictures of the pages; none are taken without it
const shop = "2345678901";
const employer = "10380284790";

let browser, folder, env, url, token, operator, database, window;
const agencies = {};

async function freePort() {
  const s = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => s.once("listening", done));
  const { port } = s.address();
  await new Promise((done) => s.close(done));
  return port;
}

// lineOf is the first line that a program says.
async function lineOf(program) {
  let said = "";
  for await (const b of program.stdout) {
    said += b;
    if (said.includes("\n")) break;
  }
  return said.split("\n")[0];
}

async function end(program, signal = "SIGTERM") {
  if (!program || program.exitCode !== null) return;
  const gone = new Promise((done) => program.once("exit", done));
  program.kill(signal);
  await Promise.race([gone, pause(25_000).then(() => program.kill("SIGKILL"))]);
}

const command = (...args) => execFileSync(join(folder, "fehrest"), args, { env, encoding: "utf8" }).trim();

// serve starts the window, with the gateways given and by hand without.
async function serve(gateways = {}) {
  window = spawn(join(folder, "fehrest"), ["serve"], { env: { ...env, ...gateways }, stdio: ["ignore", "ignore", "inherit"] });
  for (let i = 0; i < 300; i++) {
    assert.equal(window.exitCode, null, "the window ended");
    if (await fetch(url + "/readyz").then((r) => r.ok, () => false)) return;
    await pause(100);
  }
  assert.fail("the window does not come up");
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "fehrest-hand-"));
  chmodSync(folder, 0o755); // PostgreSQL's own user passes through it
  for (const path of ["./cmd/fehrest", "./cmd/agencysim", "./internal/localpg/withpg"]) {
    execFileSync("go", ["build", "-o", folder + "/", path], { cwd: root, stdio: "inherit" });
  }
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DATABASE_URL|FEHREST_.*)$/.test(name)));
  database = spawn(join(folder, "withpg"), ["-durable", "--", "sh", "-c", 'echo "$FEHREST_TEST_DATABASE"; exec cat'], { env: clean, stdio: ["pipe", "pipe", "inherit"] });
  const keys = join(folder, "keys");
  mkdirSync(keys, { mode: 0o700 });
  writeFileSync(join(keys, "0001.pem"), generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  env = { ...clean, DATABASE_URL: await lineOf(database), FEHREST_KEYS: keys, FEHREST_DATA: folder, FEHREST_ADDR: `127.0.0.1:${port}`, FEHREST_TAX_WAIT: "1s" };
  command("migrate");
  const registered = join(folder, "workshop.json");
  writeFileSync(registered, JSON.stringify({ workshop: {
    workshop_code: shop, employer_id: employer, employer_name: "ریسندگی نمونه", workshop_name: "کارگاه نمونه", address: "تبریز، کوی نمونه", postal_code: "5411713114",
  } }));
  command("workshop", "add", registered);
  token = command("token", "add", "کارفرما", "--employer", employer);
  operator = command("token", "add", "متصدی", "--role", "operator");
  await serve();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}, { timeout: 300_000 });

after(async () => {
  await browser?.close();
  await end(window);
  for (const one of Object.values(agencies)) await end(one.program);
  if (database && database.exitCode === null) {
    const gone = new Promise((done) => database.once("exit", done));
    database.stdin.end(); // its command ends, and the server after it
    await Promise.race([gone, pause(20_000).then(() => database.kill("SIGKILL"))]);
  }
  rmSync(folder, { recursive: true, force: true });
});

async function check(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), []);
  for (const width of [390, 1200]) {
    await page.setViewportSize({ width, height: 900 });
    const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(inside <= outside, `the page is ${inside} wide in a window of ${outside}`);
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}.png`), fullPage: true });
  }
}

async function signIn(page, as) {
  await page.goto(url + "/");
  await page.getByLabel("نشانهٔ ورود").fill(as);
  await page.getByRole("button", { name: "ورود" }).click();
}

// read asks the API as the employer.
async function read(path, options = {}) {
  const answer = await fetch(url + path, { ...options, headers: { Authorization: "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": randomUUID() } });
  assert.ok(answer.ok, path);
  return answer.json();
}

// until waits for a thing that comes by itself.
async function until(what, look) {
  for (let i = 0; i < 300; i++) {
    const got = await look();
    if (got) return got;
    await pause(100);
  }
  assert.fail("never " + what);
}

function nationalCode(n) {
  const nine = String(n).padStart(9, "0");
  const sum = [...nine].reduce((s, d, i) => s + Number(d) * (10 - i), 0) % 11;
  return nine + (sum < 2 ? sum : 11 - sum);
}

// listOf is a list of one invented worker a number.
function listOf(listNo, numbers, header = {}) {
  return Buffer.from(JSON.stringify({
    workshop: { workshop_code: shop, period: "1405-07", list_no: listNo, ...header },
    lines: numbers.map((n, i) => ({
      row: i + 1, national_code: nationalCode(123450000 + n), first_name: "علی", last_name: "محمدی", father_name: "حسین", birth_date: "1370/05/06", id_number: "1",
      issue_place: "تهران", sex: "مرد", insurance_number: String(40000000 + n), job_code: "413110", job_title: "کارشناس", insured_kind: "عادی", start_date: "1400/01/01",
      days: 30, daily_wage: 5600000, housing: 30000000, grocery: 22000000, education: "4", employment_type: "1", job_family: "2",
    })),
  }));
}

// workbook is the tax administration's answer as XLSX, every part stored.
function workbook(rows) {
  const cell = (v) => (typeof v === "number" ? `<c><v>${v}</v></c>` : `<c t="inlineStr"><is><t>${v}</t></is></c>`);
  const sheet = rows.map((row, i) => `<row r="${i + 1}">${row.map((v, j) => cell(v).replace("<c", `<c r="${"ABCDEF"[j]}${i + 1}"`)).join("")}</row>`).join("");
  const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const parts = {
    "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${kind}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${kind}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${sheet}</sheetData></worksheet>`,
  };
  const locals = [], directory = [];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
    const common = Buffer.alloc(26); // version needed to extra length, the same in both headers
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), body);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, rest, Buffer.from(name));
    at += 30 + name.length + body.length;
  }
  const tail = Buffer.alloc(22);
  tail.write("PK\x05\x06", "latin1");
  const size = Buffer.concat(directory).length;
  tail.writeUInt16LE(locals.length / 4, 8);
  tail.writeUInt16LE(locals.length / 4, 10);
  tail.writeUInt32LE(size, 12);
  tail.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...directory, tail]);
}

async function effects(lane) {
  return (await (await fetch(agencies[lane].url + "/control/effects")).json()).effects;
}

test("a month by hand, then the gateways", { timeout: 300_000 }, async (t) => {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, acceptDownloads: true });
  const page = await context.newPage();
  const wrong = [];
  page.on("request", (r) => r.url().startsWith(url) || wrong.push("request to " + r.url()));
  page.on("pageerror", (e) => wrong.push(e.message));
  await signIn(page, token);
  await page.getByRole("heading", { name: "ارسال لیست" }).waitFor();

  const lane = (name) => page.locator("article", { has: page.getByRole("heading", { name, exact: true }) });
  const sso = lane("سازمان تأمین اجتماعی"), tax = lane("سازمان امور مالیاتی");
  // send uploads a list and waits until both lanes have their files.
  const send = async (name, body) => {
    await page.goto(url + "/");
    await page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/json", buffer: body });
    await page.getByRole("button", { name: "بررسی و ارسال به هر دو سازمان" }).click();
    await page.waitForURL(/\/lists\//);
    const id = page.url().split("/").pop();
    const l = await until("by hand", async () => {
      const got = await read("/v1/lists/" + id);
      return got.deliveries.sso.state === "by_hand" && got.deliveries.tax.state === "by_hand" && got;
    });
    await page.goto(`${url}/lists/${id}`);
    return l;
  };
  const uploaded = async (card, number, day) => {
    await card.getByLabel("شمارهٔ درگاه").fill(number);
    await card.getByLabel("روز آن").fill(day);
    await card.getByRole("button", { name: "بارگذاری کردم" }).click();
    await card.getByText("در درگاه سازمان ثبت شد").waitFor();
  };
  const today = new Intl.DateTimeFormat("fa-IR-u-nu-latn", { calendar: "persian", timeZone: "Asia/Tehran", year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date());
  const day = new Intl.DateTimeFormat("fa-IR", { timeZone: "Asia/Tehran", day: "numeric", month: "long" }).format(new Date()); // ۴ آذر

  let one, two, three, old, four, month;
  await t.test("the files are downloaded, and where they go is said", async () => {
    one = await send("one.json", listOf("01", [1, 2]));
    await check(page, "by-hand-list");
    await sso.getByText("سامانهٔ ارسال لیست حق بیمه").waitFor();
    for (const name of ["DSKKAR00.DBF", "DSKWOR00.DBF", "sso.zip", ...one.deliveries.tax.files]) {
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
      assert.ok(readFileSync(await file.path()).length > 0, name);
    }
  });
  await t.test("uploaded: on which day, under which number", async () => {
    await uploaded(sso, "1405-998", today);
    await sso.getByText("1405-998").waitFor();
    assert.match(await sso.locator(".facts").innerText(), new RegExp("روز ثبت در درگاه سازمان\\s+" + day));
    await uploaded(tax, "T-77", "");
    await check(page, "by-hand-uploaded");
  });
  await t.test("the slip is entered, and the tax of each worker imported", async () => {
    await sso.getByText("ثبت پاسخ سازمان").click();
    await sso.getByLabel("شمارهٔ قبض").fill("123456789012345");
    await sso.getByLabel("مبلغ (ریال)").fill("۷۸٬۸۸۸٬۹۸۶");
    await check(page, "by-hand-answer");
    await sso.getByRole("button", { name: "ثبت قبض" }).click();
    await sso.getByText("۷۸٬۸۸۸٬۹۸۶ ریال").waitFor();
    const persons = [1, 2].map((n) => nationalCode(123450000 + n));
    await tax.getByText("ثبت پاسخ سازمان").click();
    await tax.locator("input[type=file]").setInputFiles({
      name: "tax.xlsx", mimeType: "application/octet-stream",
      buffer: workbook([["person", "tax", "months", "several_employers"], [persons[0], 15000000, 7, "خیر"], [persons[1], 16000000, 7, "بله"]]),
    });
    await tax.getByRole("button", { name: "ثبت فایل پاسخ" }).click();
    await page.locator(".lead .tag").getByText("هر دو پاسخ رسید").waitFor();
    const view = await read(`/v1/tax-months/${employer}/1405-07`);
    assert.deepEqual(view.persons.map((p) => [p.person, p.tax, p.several_employers]), [[persons[0], 15000000, false], [persons[1], 16000000, true]]);
    await check(page, "by-hand-answered");
  });
  await t.test("other lists of the month: one uploaded, one not, one replaced before it was", async () => {
    two = await send("two.json", listOf("02", [3]));
    await uploaded(sso, "1405-999", today);
    three = await send("three.json", listOf("03", [4]));
    old = await send("old.json", listOf("04", [5]));
    four = await send("four.json", listOf("04", [5, 6], { kind: "replacement", replaces: "v1", reason: "یک نفر افزوده شد" }));
    assert.equal((await read("/v1/lists/" + old.id)).deliveries.sso.state, "superseded");
    month = await until("the month is cut from all", async () => {
      const m = await read(`/v1/tax-months/${employer}/1405-07`);
      return !m.cut_at && m.state === "by_hand" && m.persons.length === 6 && m;
    });
    await page.goto(url + "/lanes/sso/by-hand");
    assert.equal(await page.locator("article").count(), 2);
    await check(page, "by-hand-lane");
    assert.equal(await page.getByRole("checkbox").count(), 0, "there is no gateway to send by");
    assert.deepEqual((await page.locator("article").allInnerTexts()).map((s) => /لیست (۰.)، نسخهٔ (.)/.exec(s).slice(1).join("/")), ["۰۳/۱", "۰۴/۲"]);
  });
  await t.test("the gateways open: nothing goes unasked, then what was not uploaded goes once", async () => {
    await end(window);
    for (const name of ["sso", "tax"]) {
      const program = spawn(join(folder, "agencysim"), ["--agency", name, "--addr", "127.0.0.1:0", "--data", join(folder, name), "--window", url], { stdio: ["pipe", "pipe", "inherit"] });
      agencies[name] = { program, url: JSON.parse(await lineOf(program)).url };
    }
    await serve({ FEHREST_SSO_URL: agencies.sso.url, FEHREST_TAX_URL: agencies.tax.url });
    await pause(2500); // more than a round of everything that runs by itself
    assert.deepEqual([await effects("sso"), await effects("tax")], [{}, {}]);
    for (const name of ["sso", "tax"]) {
      await page.goto(`${url}/lanes/${name}/by-hand`);
      for (const box of await page.getByRole("checkbox").all()) await box.check();
      await page.getByRole("button", { name: "نشان‌زده‌ها با درگاه فرستاده شود" }).click();
      await page.getByText("با درگاه فرستاده می‌شود").first().waitFor();
    }
    await check(page, "switched");
    for (const l of [three, four]) {
      await until("answered", async () => (await read("/v1/lists/" + l.id)).state === "answered");
    }
    // All of it confirmed once more, by who does not remember what he did: what went by hand or was replaced is not sent.
    const confirmed = [one, two, three, old, four].map((l) => l.deliveries.sso.key);
    const said = await read("/v1/lanes/sso/switch", { method: "POST", body: JSON.stringify({ confirmed }) });
    assert.deepEqual(said.items.map((i) => i.outcome), ["uploaded", "uploaded", "not_by_hand", "not_by_hand", "not_by_hand"]);
    await page.goto(`${url}/lists/${two.id}`);
    await sso.getByText("ثبت پاسخ سازمان").click();
    await sso.getByLabel("شمارهٔ قبض").fill("123456789012346");
    await sso.getByLabel("مبلغ (ریال)").fill("1000");
    await sso.getByRole("button", { name: "ثبت قبض" }).click();
    await page.locator(".lead .tag").getByText("هر دو پاسخ رسید").waitFor();
    await pause(1500);
    const once = (all) => Object.fromEntries(Object.entries(all).map(([key, e]) => [key, e.count]));
    assert.deepEqual(once(await effects("sso")), { [three.deliveries.sso.key]: 1, [four.deliveries.sso.key]: 1 });
    assert.deepEqual(once(await effects("tax")), { [month.versions.at(-1).key]: 1 });
  });
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the desk", { timeout: 120_000 }, async () => {
  await end(window);
  let refuse = true;
  const office = createHTTP((request, answer) => {
    request.resume().on("end", () => {
      answer.statusCode = request.method === "GET" ? 404 : refuse ? 400 : 202;
      answer.end(answer.statusCode === 202 ? '{"reference": "ref-1", "state": "received"}' : "");
    });
  }).listen(0, "127.0.0.1");
  await new Promise((done) => office.once("listening", done));
  try {
    await serve({ FEHREST_SSO_URL: `http://127.0.0.1:${office.address().port}`, FEHREST_TAX_URL: agencies.tax.url });
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    const page = await context.newPage();
    const sent = await read("/v1/lists?lanes=sso", { method: "POST", body: listOf("05", [7]) });
    await until("on the desk", async () => (await read("/v1/lists/" + sent.id)).deliveries.sso.state === "needs_attention");
    await signIn(page, operator);
    await page.getByRole("heading", { name: "نیازمند رسیدگی" }).waitFor();
    await page.getByText("نوبت پنجره").waitFor();
    await check(page, "desk");
    await page.getByRole("link", { name: "سازمان امور مالیاتی" }).click();
    await page.getByText("چیزی نیازمند رسیدگی نیست").waitFor();
    await page.getByRole("link", { name: "هر دو سازمان" }).click();
    await page.getByText("ارسال دوباره", { exact: true }).click();
    await page.getByText("نخست کلید از سازمان پرسیده می‌شود").waitFor();
    await check(page, "desk-confirm");
    refuse = false;
    await page.getByRole("button", { name: "بله، ارسال دوباره" }).click();
    await page.getByText("چیزی نیازمند رسیدگی نیست").waitFor();
    await check(page, "desk-empty");
    await until("sent", async () => (await read("/v1/lists/" + sent.id)).deliveries.sso.state === "sent");
    await context.close();
  } finally {
    office.closeAllConnections();
    office.close();
  }
});
