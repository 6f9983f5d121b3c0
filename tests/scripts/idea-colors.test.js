/** Which ideas the pixels of a picture represent, in the light and the dark theme (py/stage/theme.py). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { IDEAS, OTHERS, ideaIn, reader, veil } from "../../site/scripts/page/idea-colors.js";

/** @typedef {import("../../site/scripts/page/idea-colors.js").Color} Color */

const theme = readFileSync(new URL("../../py/stage/theme.py", import.meta.url), "utf8");

/** @param {string} hex @returns {Color} */
const rgb = (hex) => [
  parseInt(hex.slice(1, 3), 16),
  parseInt(hex.slice(3, 5), 16),
  parseInt(hex.slice(5, 7), 16),
];

/** @param {string} tone */
function palette(tone) {
  const ideas = theme.match(new RegExp(`_IDEAS_ON_${tone.toUpperCase()} = \\{(.*?)\\n\\}`, "s"))?.[1] ?? "";
  const rest = theme.match(new RegExp(`"${tone}": \\{(.*?)\\*\\*`, "s"))?.[1] ?? "";
  /** @param {string} name */
  const color = (name) => rgb(`${ideas}${rest}`.match(new RegExp(`"${name}": "(#\\w+)"`))?.[1] ?? "");
  return { surface: color("surface"), colors: [...IDEAS, ...OTHERS].map(color) };
}

/** A color laid over another one. @param {Color} color @param {Color} below @param {number} alpha @returns {Color} */
const mixed = (color, below, alpha) => {
  const [red, green, blue] = color.map((part, i) => Math.round(below[i] + alpha * (part - below[i])));
  return [red, green, blue];
};

/** @param {Color[]} pixels */
const rgba = (pixels) => new Uint8ClampedArray(pixels.flatMap((pixel) => [...pixel, 255]));

for (const tone of ["light", "dark"]) {
  const colors = palette(tone);
  const { surface } = colors;

  test(`each idea is recognized by its color and its tints, ${tone}`, () => {
    const read = reader(colors);
    for (const [index, color] of colors.colors.entries())
      for (const alpha of [1, 0.75, 0.5, 0.35]) {
        const [idea] = read(...mixed(color, surface, alpha));
        assert.equal(IDEAS[idea], IDEAS[index], `${[...IDEAS, ...OTHERS][index]} at ${alpha}`);
      }
    assert.equal(IDEAS[read(...surface)[0]], undefined);
  });

  test(`a line counts more than the tint below it, ${tone}`, () => {
    const [truth, error] = [IDEAS.indexOf("truth"), IDEAS.indexOf("error")];
    const tint = mixed(colors.colors[error], surface, 0.3);
    /** @type {Color[]} */
    const ground = Array.from({ length: 144 }, () => tint);
    assert.equal(ideaIn(rgba(ground), colors), "error");
    assert.equal(
      ideaIn(rgba([...ground, ...Array.from({ length: 24 }, () => colors.colors[truth])]), colors),
      "truth",
    );
    assert.equal(ideaIn(rgba(Array.from({ length: 169 }, () => surface)), colors), undefined);
  });

  test(`a veil spares the highlighted pixels, ${tone}`, () => {
    const pixels = rgba([...colors.colors, surface]);
    veil(pixels, colors, new Set(["data", "error"]));
    const alphas = [...pixels].filter((_, i) => i % 4 === 3);
    assert.deepEqual(
      alphas.map(Boolean),
      [...IDEAS, ...OTHERS, "surface"].map((name) => !["data", "error"].includes(name)),
    );
    assert.deepEqual([...pixels.slice(0, 3)], surface);
  });
}
