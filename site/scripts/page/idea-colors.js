/**
 * Which idea the pixels of a picture stand for, by their colors alone: pure functions for
 * color-highlight.js.
 *
 * @typedef {[number, number, number]} Color
 * @typedef {{surface: Color, colors: Color[]}} Palette   the colors of IDEAS, then of OTHERS
 */

export const IDEAS = ["data", "model", "truth", "error", "gradient"];
export const OTHERS = ["ink", "muted", "rule"];
const NEITHER = IDEAS.length;

const FAINT = 0.15; // part of a color; fainter pixels belong to the background
const OFF = 30; // how far a pixel may be from the mixtures of a color with the background
const VEIL = 0.78; // opacity of the veil over what is not highlighted

/**
 * Which idea a pixel shows: the one whose color, mixed with the background as at edges and in
 * transparent marks, is closest.
 * @param {Palette} palette
 * @returns {(red: number, green: number, blue: number) => [idea: number, strength: number]} the
 *   index in
 *   IDEAS, or NEITHER, and how strong its color is, from 0 to 1
 */
export function reader({ surface, colors }) {
  const rays = colors.map((color) => {
    const ray = color.map((part, i) => part - surface[i]);
    return { ray, square: ray.reduce((sum, part) => sum + part * part, 0) };
  });
  return (...pixel) => {
    const away = pixel.map((part, i) => part - surface[i]);
    let [best, strength, nearest] = [NEITHER, 0, OFF];
    for (const [index, { ray, square }] of rays.entries()) {
      const part = Math.min(Math.max(ray.reduce((sum, one, i) => sum + one * away[i], 0) / square, 0), 1);
      const distance = Math.hypot(...away.map((one, i) => one - part * ray[i]));
      if (part >= FAINT && distance < nearest)
        [best, strength, nearest] = [Math.min(index, NEITHER), part, distance];
    }
    return [best, strength];
  };
}

/**
 * The idea of the marks in a part of a picture: strong colors count more than tints.
 * @param {Uint8ClampedArray} data   RGBA @param {Palette} palette @returns {string | undefined}
 */
export function ideaIn(data, palette) {
  const read = reader(palette);
  const votes = IDEAS.map(() => 0);
  for (let at = 0; at < data.length; at += 4) {
    const [idea, strength] = read(data[at], data[at + 1], data[at + 2]);
    if (idea !== NEITHER) votes[idea] += strength * strength;
  }
  const most = Math.max(...votes);
  return most < 1 ? undefined : IDEAS[votes.indexOf(most)];
}

/**
 * Turns a picture into a veil for itself: the background's color over everything that shows none of
 * the ideas.
 * @param {Uint8ClampedArray} data   RGBA, changed in place @param {Palette} palette
 * @param {Set<string>} ideas
 */
export function veil(data, palette, ideas) {
  const read = reader(palette);
  const known = new Uint8Array(1 << 15); // by color, five bits of each part: 0 unknown, 1 highlighted, 2 not
  const [red, green, blue] = palette.surface;
  const alpha = Math.round(255 * VEIL);
  for (let at = 0; at < data.length; at += 4) {
    const key = ((data[at] >> 3) << 10) | ((data[at + 1] >> 3) << 5) | (data[at + 2] >> 3);
    known[key] ||= ideas.has(IDEAS[read(data[at], data[at + 1], data[at + 2])[0]]) ? 1 : 2;
    [data[at], data[at + 1], data[at + 2], data[at + 3]] = [red, green, blue, known[key] === 1 ? 0 : alpha];
  }
}
