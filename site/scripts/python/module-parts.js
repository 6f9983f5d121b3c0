/**
 * Puts the WebAssembly modules of Python together again. The build splits each into a *hot* part,
 * the module as a page loads it, and the cold functions, which no figure calls
 * (bundle/hot-functions.mjs). In the hot part, a cold function only traps.
 *
 * A module is a header of 8 bytes and sections: an id, a length, the contents. The code section is a
 * number of functions and, for each, its length and body. Numbers are LEB128
 * (https://webassembly.github.io/spec/core/binary/modules.html).
 */

const HEADER = 8;
export const CODE = 10; // the id of the code section
/** The body of a cold function in the hot part: no locals, `unreachable`, `end`. */
export const TRAP = [0, 0, 11];

/**
 * An unsigned number, and where it ends.
 * @param {Uint8Array} bytes @param {number} at @returns {[number: number, end: number]}
 */
export function numberAt(bytes, at) {
  let number = 0;
  for (let shift = 0; ; shift += 7, at += 1) {
    number |= (bytes[at] & 127) << shift;
    if (bytes[at] < 128) return [number >>> 0, at + 1];
    if (at >= bytes.length) throw new Error("the module ends inside a number");
  }
}

/** @param {number} number @returns {number[]} */
export function numberBytes(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return [...bytes, number];
}

/**
 * The sections of a module: `start` is where the id is, `from` and `to` enclose the contents.
 * @param {Uint8Array} module
 */
export function* sections(module) {
  for (let start = HEADER; start < module.length;) {
    const [length, from] = numberAt(module, start + 1);
    const to = from + length;
    yield { id: module[start], start, from, to };
    start = to;
  }
}

/**
 * Where each function of a code section is, its length included.
 * @param {Uint8Array} module @param {number} from   of the contents
 */
export function* functions(module, from) {
  const [count, first] = numberAt(module, from);
  for (let start = first, i = 0; i < count; i += 1) {
    const [length, body] = numberAt(module, start);
    yield { start, body, end: body + length };
    start = body + length;
  }
}

/** @param {Uint8Array[]} parts @returns {Uint8Array<ArrayBuffer>} */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A module with another code section.
 * @param {Uint8Array} module @param {(start: number, body: number, end: number) => Uint8Array[]} change
 *   what takes the place of each function, its length included
 */
export function withCode(module, change) {
  /** @type {Uint8Array[]} */
  const parts = [];
  let done = 0;
  for (const { id, start, from, to } of sections(module)) {
    if (id !== CODE) continue;
    const [, first] = numberAt(module, from);
    const code = [module.subarray(from, first)];
    for (const { start, body, end } of functions(module, from)) code.push(...change(start, body, end));
    const length = code.reduce((total, part) => total + part.length, 0);
    parts.push(module.subarray(done, start), Uint8Array.of(CODE, ...numberBytes(length)), ...code);
    done = to;
  }
  return joined([...parts, module.subarray(done)]);
}

/**
 * Whole modules, from their hot parts and the cold functions of all of them, in the same order. The
 * last modules may be left out.
 * @param {Uint8Array[]} hot @param {Uint8Array} cold @returns {Uint8Array<ArrayBuffer>[]}
 */
export function merge(hot, cold) {
  let at = 0;
  return hot.map((module) =>
    withCode(module, (start, body, end) => {
      const trap = end - body === TRAP.length && TRAP.every((byte, i) => module[body + i] === byte);
      if (!trap) return [module.subarray(start, end)];
      if (at >= cold.length) throw new Error("too few cold functions");
      const [length, from] = numberAt(cold, at);
      const found = cold.subarray(at, from + length);
      at = from + length;
      return [found];
    }),
  );
}
