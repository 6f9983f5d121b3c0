/**
 * Splits the text of a Python file into its functions, of which code-panel.js shows one at a time.
 * Pure functions, tested in tests/scripts/see-python.test.js.
 *
 * A function or class at the file's top level; lines [from, to), from 0:
 * @typedef {{name: string, from: number, to: number}} Part
 */

const START = /^(?:async )?(?:def|class) (\w+)/;
const DECORATOR = /^@/;
const OTHER = /^[^\s#)\]}]/; // a line of another statement at the top level

/** @param {string} source @returns {Part[]} in the order of the file */
export function parts(source) {
  const lines = source.split("\n");
  /** @type {Part[]} */
  const found = [];
  lines.forEach((line, at) => {
    const [, name] = START.exec(line) ?? [];
    if (!name) return;
    let from = at;
    while (from && DECORATOR.test(lines[from - 1])) from -= 1;
    let to = at + 1;
    while (to < lines.length && !OTHER.test(lines[to])) to += 1;
    while (to > at + 1 && /^(#|\s*$)/.test(lines[to - 1])) to -= 1; // comments before the next one
    found.push({ name, from, to });
  });
  return found;
}

/**
 * A part, and the source around it.
 * @param {string} source @param {string} name   of a part; the whole file if there is none
 * @returns {{before: string, shown: string, after: string, line: number}}   `line` is the number of
 *   the first one shown, from 1
 */
export function excerpt(source, name) {
  const part = parts(source).find((one) => one.name === name);
  if (!part) return { before: "", shown: source, after: "", line: 1 };
  const lines = source.split("\n");
  const joined = (/** @type {string[]} */ some) => some.map((line) => `${line}\n`).join("");
  const after = lines.slice(part.to);
  return {
    before: joined(lines.slice(0, part.from)),
    shown: lines.slice(part.from, part.to).join("\n"),
    after: after.length ? `\n${after.join("\n")}` : "",
    line: part.from + 1,
  };
}
