// Makes every npm script work as the first command on a fresh clone: installs the dependencies when they are
// missing or belong to another lockfile. Depends on nothing and runs on any Node >= 18.
//
//   node tools/bootstrap.mjs           install if needed
//   node tools/bootstrap.mjs --stamp   record the installed lockfile (the root `postinstall` does this)
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STAMP = join(ROOT, "node_modules", ".bulkhead-lock");

function lockfileHash() {
  return createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
}

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === lockfileHash();
}

function install() {
  // `npm ci` removes node_modules first, so it must not run under the Node that lives in there.
  const path = process.env.PATH.split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const { status, error } = spawnSync("npm", ["ci", "--loglevel=error"], {
    cwd: ROOT,
    env: { ...process.env, PATH: path.join(delimiter) },
    // Everything to stderr: the stdout of a script such as `npm start -- --json` belongs to its caller.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error) throw error;
  return status ?? 1;
}

if (process.argv.includes("--stamp")) {
  writeFileSync(STAMP, lockfileHash());
} else if (!isInstalled()) {
  console.error("Installing the dependencies pinned in package-lock.json (under a minute)…");
  const status = install();
  if (status !== 0) process.exit(status);
  if (!isInstalled()) {
    console.error(
      "The install scripts did not run. Allow them (`npm config set ignore-scripts false`), then retry.",
    );
    process.exit(1);
  }
}
