// The page in a real browser, on a whole window: sign in, send a faulty and a good list, see both lanes, download.
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
const sample = (name) => join(root, "samples/demo", name);

let browser, window, url, tokens, folder;

async function freePort() {
  const s = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => s.once("listening", done));
  const { port } = s.address();
  await new Promise((done) => s.close(done));
  return port;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "fehrest-browser-"));
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

// visitor opens a page that fails the test on any request to elsewhere, any script error and any breach of the policy.
async function visitor(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("request", (r) => r.url().startsWith(url) || wrong.push("request to " + r.url()));
  page.on("pageerror", (e) => wrong.push(e.message));
  page.on("console", (m) => m.type() === "error" && !/status of 4\d\d/.test(m.text()) && wrong.push(m.text()));
  return { page, wrong, close: () => context.close() };
}

async function signIn(page) {
  await page.goto(url + "/");
  await page.getByLabel("نشانهٔ ورود").fill(tokens.employer);
  await page.getByRole("button", { name: "ورود" }).click();
  await page.getByRole("heading", { name: "ارسال لیست" }).waitFor();
}

async function send(page, file) {
  await page.goto(url + "/");
  await page.locator("input[type=file]").setInputFiles(sample(file));
  await page.getByRole("button", { name: "بررسی و ارسال به هر دو سازمان" }).click();
}

async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), []);
}

async function fits(page) {
  const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(inside <= outside, `the page is ${inside} wide in a window of ${outside}`);
}

for (const [name, options] of [
  ["with scripts", {}],
  ["without scripts", { javaScriptEnabled: false }],
  ["on a telephone", { viewport: { width: 390, height: 844 } }],
]) {
  test(`an employer sends lists, ${name}`, { timeout: 120_000 }, async (t) => {
    const { page, wrong, close } = await visitor(options);
    const scripts = options.javaScriptEnabled !== false;
    const check = async () => { if (scripts) { await accessible(page); await fits(page); } };
    try {
      await t.test("an unknown token is told so", async () => {
        await page.goto(url + "/");
        assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
        await check();
        await page.getByLabel("نشانهٔ ورود").fill("fehrest_unknown");
        await page.getByRole("button", { name: "ورود" }).click();
        await page.getByRole("alert").getByText("شناخته نشد").waitFor();
        await check();
      });
      await t.test("signs in", async () => {
        await signIn(page);
        const cookie = (await page.context().cookies()).find((c) => c.name === "fehrest_token");
        assert.ok(cookie.httpOnly && cookie.sameSite === "Strict");
        await check();
      });
      await t.test("a faulty list is shown cell by cell", async () => {
        await send(page, "6-faulty.xlsx");
        await page.getByText("رد شد؛ فرستاده نشد").first().waitFor();
        assert.ok((await page.locator(".finding").count()) > 5);
        await page.getByText("خانهٔ").first().waitFor();
        await check();
      });
      await t.test("a finding leads to its code's page, with examples", async () => {
        const link = page.locator(".finding[open] a[href^='/codes/']").first();
        const code = (await link.getAttribute("href")).split("/").pop();
        await link.click();
        await page.getByRole("heading", { name: code, exact: true }).waitFor();
        await page.getByRole("heading", { name: "چه باید کرد" }).waitFor();
        await check();
        const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /دریافت fail/ }).first().click()]);
        assert.ok(readFileSync(await file.path()).length > 0);
        await page.getByRole("link", { name: "همهٔ کدها" }).click();
        await page.getByRole("heading", { name: "کدهای یافته‌ها" }).waitFor();
        await check();
      });
      await t.test("a good list reaches both organisations", async () => {
        await send(page, "3-shop.xlsx");
        await page.getByRole("heading", { name: "سازمان تأمین اجتماعی" }).waitFor();
        await page.locator(".lead .tag").getByText("هر دو پاسخ رسید").waitFor({ timeout: 60_000 });
        assert.equal(await page.locator(".lanes .tag.good").count(), 2);
        assert.equal(await page.locator(".slip").count() >= 1, true);
        await check();
      });
      await t.test("files and receipt are downloaded", async () => {
        for (const link of [/رسید/, /DSKWOR00/i, /WH/]) {
          const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).first().click()]);
          assert.ok(readFileSync(await file.path()).length > 0);
        }
      });
      await t.test("the receipt is shown to print, with its code", async () => {
        await page.getByRole("link", { name: "رسید چاپی" }).click();
        await page.getByRole("heading", { name: "رسید دریافت لیست حقوق و دستمزد" }).waitFor();
        await page.getByRole("img", { name: /QR/ }).waitFor();
        assert.equal(await page.getByRole("button", { name: "چاپ" }).count(), scripts ? 1 : 0);
        await check();
        await page.emulateMedia({ media: "print" });
        assert.equal(await page.locator(".screen").first().isVisible(), false);
        await page.emulateMedia({ media: null });
      });
      await t.test("a file that is no list is told so", async () => {
        await page.goto(url + "/");
        await page.locator("input[type=file]").setInputFiles({ name: "list.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("<html>x</html>") });
        await page.getByRole("button", { name: "بررسی و ارسال به هر دو سازمان" }).click();
        await page.getByRole("alert").getByText("FILE-03").waitFor();
        await check();
      });
      await t.test("signs out", async () => {
        await page.getByRole("button", { name: "خروج" }).click();
        await page.getByRole("heading", { name: "ورود" }).waitFor();
        await page.goto(url + "/lists/0198c0de-1111-7000-8000-000000000001");
        await page.getByRole("heading", { name: "ورود", exact: true }).waitFor();
      });
      assert.deepEqual(wrong, []);
    } finally {
      await close();
    }
  });
}
