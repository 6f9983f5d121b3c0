/**
 * Set formulas: reads [{tex, display}] as JSON, writes [{html} | {error}] in the same order.
 *
 * Formulas that stand beside each other, with \qquad between them, are set one by one: a narrow page has each on a line of its own.
 */

import { readFileSync } from "node:fs";
import katex from "katex";

/** @type {{tex: string, display: boolean}[]} */
const formulas = JSON.parse(readFileSync(0, "utf8"));
const set = formulas.map(({ tex, display }) => {
  const pieces = display ? tex.split("\\qquad") : [tex];
  try {
    const html = pieces.map((piece) =>
      katex.renderToString(piece, { displayMode: display, output: "htmlAndMathml", strict: "error" }),
    );
    return { html: html.join("").replaceAll('<span class="katex">', '<span class="katex" translate="no">') };
  } catch (error) {
    return { error: /** @type {Error} */ (error).message };
  }
});
process.stdout.write(JSON.stringify(set));
