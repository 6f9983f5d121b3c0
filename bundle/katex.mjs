/**
 * Set formulas: reads [{tex, display}] as JSON, writes [{html} | {error}] in the same order.
 *
 * Formulas that stand beside each other, with \qquad between them, are set one by one: a narrow page has each on a line of its own.
 */

import { readFileSync } from "node:fs";
import katex from "katex";

/** Colors of the figures, by the idea they stand for: \\data{x}, \\model{…}; and what may be in a formula besides TeX. */
const IDEAS = ["data", "model", "truth", "error", "gradient"];
const macros = Object.fromEntries(IDEAS.map((idea) => [`\\${idea}`, `\\htmlClass{is-${idea}}{#1}`]));
const trust = (/** @type {{command: string}} */ { command }) => ["\\htmlClass", "\\htmlData"].includes(command);
/** What KaTeX says of TeX that no LaTeX knows. @type {(code: string) => "ignore" | "error"} */
const strict = (code) => (code === "htmlExtension" ? "ignore" : "error");

const ANNOTATION = /(<annotation encoding="application\/x-tex">)(.*?)(?=<\/annotation>)/gs;
/** TeX that can be used elsewhere: without the colors and the numbers' marks. @type {(_: string, tag: string, tex: string) => string} */
const plain = (_, tag, tex) =>
  tag + tex.replace(/\\htmlData\{[^}]*\}/g, "").replace(new RegExp(`\\\\(?:${IDEAS.join("|")})(?=\\{)`, "g"), "");

/** @type {{tex: string, display: boolean}[]} */
const formulas = JSON.parse(readFileSync(0, "utf8"));
const set = formulas.map(({ tex, display }) => {
  const pieces = display ? tex.split("\\qquad") : [tex];
  try {
    const html = pieces.map((piece) =>
      katex.renderToString(piece, { displayMode: display, output: "htmlAndMathml", macros: { ...macros }, trust, strict }),
    );
    return { html: html.join("").replace(ANNOTATION, plain).replaceAll('<span class="katex">', '<span class="katex" translate="no">') };
  } catch (error) {
    return { error: /** @type {Error} */ (error).message };
  }
});
process.stdout.write(JSON.stringify(set));
