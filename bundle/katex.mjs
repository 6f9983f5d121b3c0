/**
 * Typesets formulas with KaTeX for formulas.py: reads [{tex, display}] as JSON, writes [{html} | {error}] in the same order.
 *
 * Formulas separated by \qquad are typeset one by one, so that a narrow page can show each on its own line.
 */

import { readFileSync } from "node:fs";
import katex from "katex";

/** Macros for the figures' colors, by idea: \\data{x}, \\model{…}; and the commands beyond TeX that formulas may use. */
const IDEAS = ["data", "model", "truth", "error", "gradient"];
const macros = Object.fromEntries(IDEAS.map((idea) => [`\\${idea}`, `\\htmlClass{is-${idea}}{#1}`]));
const trust = (/** @type {{command: string}} */ { command }) =>
  ["\\htmlClass", "\\htmlData"].includes(command);
/** Rejects commands that LaTeX does not have. @type {(code: string) => "ignore" | "error"} */
const strict = (code) => (code === "htmlExtension" ? "ignore" : "error");

const ANNOTATION = /(<annotation encoding="application\/x-tex">)(.*?)(?=<\/annotation>)/gs;
/** TeX for use elsewhere: without the color macros and the marks of live numbers. @type {(_: string, tag: string, tex: string) => string} */
const plain = (_, tag, tex) =>
  tag +
  tex.replace(/\\htmlData\{[^}]*\}/g, "").replace(new RegExp(`\\\\(?:${IDEAS.join("|")})(?=\\{)`, "g"), "");

/** @type {{tex: string, display: boolean}[]} */
const formulas = JSON.parse(readFileSync(0, "utf8"));
const set = formulas.map(({ tex, display }) => {
  const pieces = display ? tex.split("\\qquad") : [tex];
  try {
    const html = pieces.map((piece) =>
      katex.renderToString(piece, {
        displayMode: display,
        output: "htmlAndMathml",
        macros: { ...macros },
        trust,
        strict,
      }),
    );
    return {
      html: html
        .join("")
        .replace(ANNOTATION, plain)
        .replaceAll('<span class="katex">', '<span class="katex" translate="no">'),
    };
  } catch (error) {
    return { error: /** @type {Error} */ (error).message };
  }
});
process.stdout.write(JSON.stringify(set));
