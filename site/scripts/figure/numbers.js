/**
 * Numbers as people write them: pure functions, tested in tests/scripts/numbers.test.js.
 *
 * Accepted are a comma or a point (`0,5`, `0.5`, `.5`), any minus sign (`−1.5`), spaces,
 * apostrophes, commas and points between groups of three digits (`1 234`, `1'234`, `1,234.5`,
 * `1.234,5`), powers of ten (`1e-3`, `2·10⁻³`), and fractions (`1/3`). `1,234` is ambiguous: it has
 * two readings.
 */

const MINUS = /[\u2010-\u2015\u2212\u207B\uFE58\uFE63\uFF0D]/gu; // hyphens, dashes, and the minus signs of all kinds
const SPACE = /[\s\u200B-\u200F\u202A-\u202F\u2060\uFEFF]+/gu; // including those without width
const APOSTROPHE = /['’‘ʼ´`′]/gu;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** The same text with one character for each sign. @param {string} text */
function normalized(text) {
  return text
    .replace(
      /[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/gu,
      (power) =>
        `^${power
          .replace("⁻", "-")
          .replace("⁺", "")
          .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/gu, (digit) => String(SUPERSCRIPTS.indexOf(digit)))}`,
    )
    .replace(/[\uFF0B-\uFF0F\uFF10-\uFF19]/gu, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)) // full width
    .replace(/[٠-٩۰-۹]/gu, (digit) => String(digit.charCodeAt(0) & 15))
    .replaceAll("٫", ".")
    .replaceAll("٬", "'")
    .replace(MINUS, "-")
    .replace(APOSTROPHE, "'")
    .replace(SPACE, " ")
    .trim();
}

/**
 * The numbers that digits with separators can mean: none, one, or two.
 * @param {string} text
 * @returns {number[]}
 */
function decimals(text) {
  if (/^(\d+[.,]?\d*|[.,]\d+)$/.test(text)) {
    const number = Number(text.replace(",", "."));
    // Three digits after a comma can be a group. After a point they are a group only if another
    // group follows: this page itself writes 1.234 for a decimal.
    return /^[1-9]\d{0,2},\d{3}$/.test(text) ? [Number(text.replace(",", "")), number] : [number];
  }
  const [, separator] = /^\d{1,3}([ ',.])\d{3}/.exec(text) ?? [];
  if (!separator) return [];
  const point = { ",": "\\.", ".": "," }[separator] ?? "[.,]";
  const between = separator === "." ? "\\." : separator;
  if (!new RegExp(`^\\d{1,3}(${between}\\d{3})+(${point}\\d*)?$`).test(text)) return [];
  return [Number(text.replaceAll(separator, "").replace(",", "."))];
}

/**
 * All numbers that a text can mean: none if it can't be read, two if it is ambiguous.
 * @param {string} text @returns {number[]}
 */
export function readings(text) {
  const [, minus, rest] = /^([-+]?) ?(.*)$/.exec(normalized(text)) ?? [];
  const sign = minus === "-" ? -1 : 1;
  const fraction = /^(\d+) ?\/ ?(\d+)$/.exec(rest);
  const power = /^(?:(.+?)(?:e| ?[·×*⋅] ?10\^))?([-+]?\d+)$/i.exec(rest.replace(/^10\^/, "1e"));
  let found;
  if (fraction) found = [Number(fraction[1]) / Number(fraction[2])];
  else if (power?.[1]) found = decimals(power[1]).map((number) => Number(`${number}e${power[2]}`));
  else found = decimals(rest);
  return found.every(Number.isFinite) ? found.map((number) => sign * number + 0) : [];
}

/**
 * Whether a text is the start of a number that is still being typed, such as "-" or "1e".
 * @param {string} text
 */
export function unfinished(text) {
  return (
    readings(text).length !== 1 &&
    ["0", "00", "1", "000", "10^1", "0^1", "^1"].some((more) => readings(text + more).length === 1)
  );
}

/**
 * The limits of a number: its range, and whether it must be whole.
 * @typedef {{low: number, high: number, whole: boolean}} Limits
 */

/**
 * @param {number} number @param {Limits} limits
 * @returns {number} the nearest number within the limits
 */
export function clamp(number, { low, high, whole }) {
  return Math.min(Math.max(whole ? Math.round(number) : number, low), high);
}

/**
 * The number that a text means within limits. If one of the two readings of `1,234` is out of
 * range, the other one is meant.
 * @param {string} text @param {Limits} limits
 * @returns {{number: number, fitted: number} | {readings: number[]}}   as written, and moved into
 *   the limits; else all readings
 */
export function read(text, limits) {
  const all = readings(text);
  const inside = all.filter((number) => number >= limits.low && number <= limits.high);
  const [number] = inside.length === 1 ? inside : all;
  if (number === undefined || (all.length > 1 && inside.length !== 1)) return { readings: all };
  return { number, fitted: clamp(number, limits) };
}

/** @param {number} number @returns {string} as in a field: with at most 12 digits */
export function write(number) {
  return String(Number(number.toPrecision(12)) + 0);
}

/** @param {number} number @returns {string} as in a sentence */
export function inSentence(number) {
  return write(number).replace("-", "−");
}

/**
 * A text without the unit of its field, if that was typed too.
 * @param {string} text @param {string} unit
 */
export function withoutUnit(text, unit) {
  const bare = text.trim();
  return unit && bare.endsWith(unit) ? bare.slice(0, -unit.length) : text;
}

/** Why a text was refused, as one sentence. @param {string} text @param {number[]} readings */
export function refusal(text, readings) {
  if (readings.length < 2) return `“${text.trim()}” is not a number.`;
  return `“${text.trim()}” is ambiguous: write ${readings.map(inSentence).join(" or ")}.`;
}

/**
 * The next number up or down. Where equal ratios count, as for a learning rate, that is the next of
 * 1, 2, 5, 10, 20, …, and a large step is a factor of ten.
 * @param {number} number @param {number} step   with its direction
 * @param {{log: boolean, large: boolean}} way
 */
export function next(number, step, { log, large }) {
  if (!log) {
    const size = Math.abs(step) * (large ? 10 : 1);
    // To a multiple of the step if the number lies between two; 1e-9 allows for rounding errors.
    const at = number / Math.abs(step);
    if (large || Math.abs(at - Math.round(at)) < 1e-9) return number + Math.sign(step) * size;
    return (step > 0 ? Math.ceil(at) : Math.floor(at)) * Math.abs(step);
  }
  if (large) return step > 0 ? number * 10 : number / 10;
  const decade = Math.floor(Math.log10(number));
  const nice = [-1, 0, 1].flatMap((more) => [1, 2, 5].map((lead) => Number(`${lead}e${decade + more}`)));
  const above = nice.filter((other) => other > number * (1 + 1e-9));
  return step > 0 ? above[0] : (nice.filter((other) => other < number * (1 - 1e-9)).at(-1) ?? number);
}
