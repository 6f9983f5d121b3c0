/**
 * Values of controls as Python literals, for call-line.js: the form has texts, the line
 * `update(mean=0.5, center=(1, 2))` has literals. Pure functions.
 *
 * @typedef {"number" | "toggle" | "choice" | "matrix" | "points"} Kind
 */

const NUMBER = /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** @param {string[]} items @returns {string} a tuple, with a comma even if it has one item */
const tuple = (items) => `(${items.join(", ")}${items.length === 1 ? "," : ""})`;

/** @param {string[]} texts @param {number} size @returns {string[]} tuples of `size` texts each */
const tuples = (texts, size) =>
  Array.from({ length: Math.ceil(texts.length / size) }, (_, row) =>
    tuple(texts.slice(row * size, (row + 1) * size)),
  );

/**
 * @param {Kind} kind @param {string[]} texts   as in the form
 * @param {number} [columns]   of a matrix
 * @returns {string}
 */
export function literal(kind, texts, columns = 1) {
  if (kind === "toggle") return texts[0] === "1" ? "True" : "False";
  if (kind === "choice") return JSON.stringify(texts[0] ?? "");
  if (kind === "matrix") return tuple(tuples(texts, columns));
  if (kind === "points") return `[${tuples(texts, 2).join(", ")}]`;
  return texts[0] ?? "";
}

/**
 * @param {Kind} kind @param {string} text
 * @returns {string[] | undefined}   as in the form; undefined if it is no such value
 */
export function texts(kind, text) {
  const plain = text.trim().replaceAll("−", "-");
  if (kind === "toggle") return { True: ["1"], False: ["0"] }[plain];
  if (kind === "choice") return [/^(["'])(.*)\1$/s.exec(plain)?.[2].replace(/\\(.)/g, "$1") ?? plain];
  const listed = kind === "matrix" || kind === "points";
  const bare = listed ? plain.replace(/,\s*(?=[)\]])/g, "").replace(/[()[\]\s]/g, "") : plain;
  const numbers = listed ? bare.split(",").filter((item, _, all) => item || all.length > 1) : [bare];
  return numbers.every((number) => NUMBER.test(number))
    ? numbers.map((number) => number.replaceAll("_", ""))
    : undefined;
}
