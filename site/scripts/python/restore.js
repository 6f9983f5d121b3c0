/**
 * Restores Python from the snapshot of its memory that `bundle/snapshot.mjs` saved in the build.
 *
 * worker.js calls it and passes every file as a promise, so that download, decompression, and
 * compilation overlap; nothing is fetched here. If something doesn't fit, `restore` throws an Error
 * whose `cause` names the part. start.js then ends the worker and does an ordinary start in a new
 * one. docs/fast-start.md explains the format.
 *
 * @typedef {object} Library       a dynamic library; the record lists them in loading order
 * @property {string} name         its path in Python's file system
 * @property {string} file         its file beside the record
 * @property {number[]} handles    the dlopen() handles that Python holds
 * @property {boolean} global
 * @property {number} refcount     -1: never unloaded
 * @property {number} memoryBase   the address of its data, in bytes
 * @property {number} memorySize
 * @property {number} tableBase    the slot of its first function in the function table
 * @property {number} tableSize
 *
 * @typedef {object} Memory
 * @property {number} length       of the WebAssembly memory, in bytes
 * @property {number} base         bytes at its start that the main module initializes
 * @property {number[]} runs       numbers of pages: unchanged, changed, unchanged, changed, …
 * @property {number} bytes        length of the unpacked snapshot
 * @property {number} sum          checksum of the memory once it is complete
 *
 * @typedef {object} SnapshotRecord
 * @property {number} version
 * @property {string} id           of this snapshot: changes with its content
 * @property {string} pyodide      version of the runtime
 * @property {string} buildId      of the runtime
 * @property {string} root         the folder of the packages in Python's file system
 * @property {number} tableStart   length of the function table before main() ran
 * @property {number} tableLength
 * @property {{slot: number, field: number}} trampoline
 * @property {Library[]} libraries
 * @property {[slot: number, library: number, name: string][]} table   library -1 is the main module
 * @property {Record<string, number>} got
 * @property {string[]} required   names in `got` without a value, which must get one
 * @property {Memory} memory
 * @property {object} references   the JavaScript objects that Python holds
 * @property {{path: string, size: number}[]} files   the files that drawing opens; their bytes
 *   follow the memory's, each padded to a multiple of 4
 * @property {number} filesSum     checksum of these bytes
 */

/** The version of the record's layout. */
export const VERSION = 1;
/** The unit in which memory is compared and restored, in bytes. */
export const PAGE = 4096;
/** The same for the scene of a figure, which changes little of each page; in words. */
export const BLOCK = 16;
/** Words at the start of a scene: bytes of memory, their checksum, and the number of blocks. */
const SCENE_HEADER = 3;

/** @param {string} cause @param {string} message @param {unknown} [error] @returns {Error} */
const failure = (cause, message, error) =>
  Object.assign(new Error(`fast start: ${message}${error ? `: ${error}` : ""}`), { cause });

/**
 * Waits for a part; if it fails, throws an error that names it. There is no timeout here: only the
 * page knows how long a download may take.
 * @template T
 * @param {string} name @param {T | PromiseLike<T>} given
 * @returns {Promise<Awaited<T>>}
 */
async function part(name, given) {
  try {
    return await given;
  } catch (error) {
    throw error instanceof Error && error.cause ? error : failure(name, `${name} failed`, error);
  }
}

/**
 * A polynomial in 31, as in Java's String.hashCode: it depends on the order, and takes about a
 * nanosecond per word.
 * @param {Int32Array} words
 */
export function checksum(words) {
  const { length } = words;
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum = (Math.imul(sum, 31) + words[i]) | 0;
  return sum >>> 0;
}

/**
 * Grows the function table to its recorded length, and moves CPython's call trampoline, the only
 * function that belongs to no module, to its recorded slot. Engines differ in what the table holds
 * before: in WebKit, exported functions have no stable identity, so Pyodide adds some of them
 * twice, and on iOS there is no trampoline. `link` overwrites all those slots.
 * @param {any} M @param {SnapshotRecord} record @returns {boolean} whether there is a trampoline
 */
function prepareTable(M, record) {
  const { slot, field } = record.trampoline;
  const own = M.HEAP32[field >> 2];
  const trampoline = own && M.wasmTable.get(own);
  if (own && own !== M.wasmTable.length - 1)
    throw failure("table", `trampoline in slot ${own}, not the last`);
  const missing = record.tableLength - M.wasmTable.length;
  if (missing > 0) M.wasmTable.grow(missing);
  M.wasmTableMirror.length = Math.min(M.wasmTableMirror.length, record.tableStart);
  if (own) {
    M.wasmTable.set(slot, trampoline);
    M.wasmTableMirror[slot] = trampoline;
  }
  return Boolean(own);
}

/**
 * Instantiates the libraries at their recorded addresses. Their relocations and constructors don't
 * run, because their effects are in the snapshot.
 * @param {any} M @param {SnapshotRecord} record @param {WebAssembly.Module[]} modules
 */
function link(M, record, modules) {
  const main = M.LDSO.loadedLibsByName.__main__.exports;
  const exported = record.libraries.map((library, i) => {
    /** @type {any} */
    let own;
    const stubs = /** @type {Record<string, Function>} */ ({});
    const env = new Proxy(stubs, {
      get(_, /** @type {string} */ name) {
        if (name === "__memory_base") return library.memoryBase;
        if (name === "__table_base") return library.tableBase;
        if (name in main && !main[name].stub) return main[name];
        /** @type {Function | undefined} */
        let found;
        return (stubs[name] ??= (/** @type {any[]} */ ...args) => {
          found ??= M.resolveGlobalSymbol(name).sym ?? own[name];
          if (!found) throw new Error(`cannot resolve symbol ${name}`);
          return found(...args);
        });
      },
    });
    const metadata = M.getDylinkMetadata(modules[i]);
    if (metadata.memorySize !== library.memorySize || metadata.tableSize !== library.tableSize)
      throw failure("library", `${library.file} is not the library of the snapshot`);
    const got = new Proxy(metadata.weakImports, M.GOTHandler);
    const imports = { env, wasi_snapshot_preview1: env, "GOT.mem": got, "GOT.func": got };
    own = M.relocateExports(new WebAssembly.Instance(modules[i], imports).exports, library.memoryBase);
    const dso = M.newDSO(library.name, undefined, own);
    dso.global = library.global;
    dso.refcount = library.refcount < 0 ? Infinity : library.refcount;
    for (const handle of library.handles) M.LDSO.loadedLibsByHandle[handle] = dso;
    M.updateTableMap(library.tableBase, library.tableSize);
    return own;
  });
  for (const [slot, library, name] of record.table) {
    const found = (library < 0 ? main : exported[library])[name];
    if (typeof found !== "function") throw failure("table", `slot ${slot}: no function ${name}`);
    M.wasmTable.set(slot, found);
    M.wasmTableMirror[slot] = found;
  }
  for (const [name, value] of Object.entries(record.got)) {
    M.GOT[name] ??= new WebAssembly.Global({ value: "i32", mutable: true }, -1);
    M.GOT[name].value = value;
  }
  // Emscripten remembers the slot of each function. In WebKit, some of these slots now hold another
  // function, so it is told the right ones.
  M.updateTableMap(0, record.tableLength);
  for (const [name, slot] of Object.entries(record.got)) {
    if (typeof main[name] !== "function" || slot <= 0) continue;
    const mirrored = M.wasmTableMirror[slot];
    M.wasmTableMirror[slot] = main[name]; // updateTableMap() reads the function from the mirror
    M.updateTableMap(slot, 1);
    M.wasmTableMirror[slot] = mirrored;
  }
  for (const name of record.required) M.GOT[name].required = true; // they have no value yet
}

const NEAR = 4096;
const MARK = 0x7f000000; // no address and a rare number

/**
 * Pointers to nearby addresses, as in Python's lists of objects, compress better as distances. Such
 * words are swapped with a range of rare numbers. This function is its own inverse.
 * @param {number} word @param {number} address   of the word @returns {number}
 */
export function relative(word, address) {
  const near = (word - address) | 0;
  if (near >= -NEAR && near < NEAR) return near + MARK;
  const far = (word - MARK) | 0;
  return far >= -NEAR && far < NEAR ? address + far : word;
}

/**
 * Changes the memory from what the modules initialize to what was saved. The snapshot has only the
 * pages that differ, as an exclusive or, because the main module's file contains the rest.
 * @param {Int32Array} words   the whole memory @param {Int32Array} delta @param {number[]} runs
 */
function change(words, delta, runs) {
  const perPage = PAGE / 4;
  let to = 0;
  let from = 0;
  for (let i = 0; i < runs.length; i += 2) {
    to += runs[i] * perPage;
    for (const end = to + (runs[i + 1] ?? 0) * perPage; to < end; to += 1, from += 1) {
      words[to] ^= relative(delta[from], to * 4);
    }
  }
}

/**
 * Changes the memory to what it was after the scene of a figure had been built and drawn. After its
 * header, a scene lists the distance of each changed block from the previous one, and then the
 * blocks, as an exclusive or.
 * @param {any} M @param {Int32Array} scene @returns {number} the checksum of the changed memory
 */
function addScene(M, scene) {
  const [length, sum, count] = scene;
  const header = SCENE_HEADER + count;
  if (scene.length !== header + count * BLOCK) throw failure("scene", `a scene of ${scene.length} words`);
  if (M.HEAPU8.length < length) M.growMemory(length);
  const words = M.HEAP32;
  let to = 0;
  let from = header;
  for (let i = SCENE_HEADER; i < header; i += 1) {
    to += scene[i] * BLOCK;
    for (let j = to; j < to + BLOCK; j += 1, from += 1) words[j] ^= relative(scene[from], j * 4);
  }
  return sum >>> 0;
}

/**
 * Frees memory at once, instead of at the next garbage collection, which may be minutes away: a
 * message without a receiver takes it along. Only in Chromium, which moves it there; WebKit copies
 * the messages of a port to another process.
 * @param {ArrayBuffer[]} buffers
 */
function free(buffers) {
  if (!("userAgentData" in navigator)) return;
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(null, buffers);
  port1.close();
  port2.close();
}

/**
 * Has Pyodide instantiate a main module that is compiled elsewhere. Pyodide can only fetch one, and
 * only Pyodide knows all imports, so its call to WebAssembly is intercepted.
 * @param {any} settings   of Emscripten
 * @param {WebAssembly.Module | PromiseLike<WebAssembly.Module>} main   awaited here, because Pyodide
 *   prepares everything else meanwhile
 * @param {(instance: WebAssembly.Instance) => void} onInstance
 * @param {(error: unknown) => void} onError   Pyodide would wait forever
 */
function useCompiled(settings, main, onInstance, onError) {
  const { instantiate, instantiateStreaming } = WebAssembly;
  const load = settings.instantiateWasm;
  settings.instantiateWasm = (/** @type {any} */ imports, /** @type {Function} */ done) => {
    const answer =
      (/** @type {Function} */ original) => async (/** @type {any} */ source, /** @type {any} */ given) => {
        if (given !== imports) return original.call(WebAssembly, source, given);
        Object.assign(WebAssembly, { instantiate, instantiateStreaming });
        try {
          const compiled = await part("main", main);
          const instance = await instantiate(compiled, imports);
          onInstance(instance);
          return { instance, module: compiled };
        } catch (error) {
          onError(error);
          throw error;
        }
      };
    Object.assign(WebAssembly, {
      instantiate: answer(instantiate),
      instantiateStreaming: answer(instantiateStreaming),
    });
    return load(imports, done);
  };
}

/**
 * Restores Python.
 * @param {object} parts
 * @param {SnapshotRecord | Promise<SnapshotRecord>} parts.record   `record.json`, parsed
 * @param {ArrayBuffer | Promise<ArrayBuffer>} [parts.snapshot]   `snapshot.bin`, decompressed: the
 *   changed pages, then the files
 * @param {ArrayBuffer | null | Promise<ArrayBuffer | null>} [parts.scene]   the scene of a figure,
 *   decompressed; null: none
 * @param {WebAssembly.Module | Promise<WebAssembly.Module>} parts.main   `pyodide.asm.wasm`
 * @param {WebAssembly.Module[] | Promise<WebAssembly.Module[]>} parts.modules   the libraries, in
 *   the record's order
 * @param {Function} parts.loadPyodide   from `pyodide.mjs`
 * @param {string} parts.version   the export `version` of `pyodide.mjs`
 * @param {Function | Promise<Function>} parts.createPyodideModule   the default export of
 *   `pyodide.asm.mjs`
 * @param {object} [parts.options]   more options for `loadPyodide`
 * @param {string} [parts.id]   of the snapshot that the page expects
 * @param {number} [parts.timeout]   in ms, once all files are there
 * @param {(memory: Uint8Array) => void} [parts.onBaseline]   in the build: gets the memory before
 *   the snapshot is applied
 * @returns {Promise<any>} Pyodide
 */
export async function restore({ timeout = 20_000, onBaseline, ...parts }) {
  const record = await part("record", parts.record);
  if (record?.version !== VERSION)
    throw failure("version", `record has version ${record?.version}, not ${VERSION}`);
  if (record.pyodide !== parts.version)
    throw failure("pyodide", `snapshot of ${record.pyodide}, runtime ${parts.version}`);
  if (parts.id && parts.id !== record.id)
    throw failure("build", `snapshot ${record.id}, page wants ${parts.id}`);
  const create = await part("runtime", parts.createPyodideModule);

  /** @type {(error: unknown) => void} */
  let stop = () => {};
  const broken = new Promise((_, reject) => (stop = reject));
  broken.catch(() => {}); // it is awaited below, or not at all

  const createModule = async (/** @type {any} */ settings) => {
    if (settings.API.config.BUILD_ID !== record.buildId)
      throw failure("pyodide", "the runtime has another build id");
    /** @type {Uint8Array | undefined} */
    let base;
    useCompiled(
      settings,
      parts.main,
      ({ exports }) => {
        const memory = /** @type {WebAssembly.Memory} */ (exports.memory);
        base = new Uint8Array(memory.buffer).slice(0, record.memory.base);
      },
      stop,
    );
    const M = await create(settings);
    const modules = await part("libraries", parts.modules);
    if (modules.length !== record.libraries.length)
      throw failure("library", `${modules.length} libraries handed in`);
    const trampoline = prepareTable(M, record);
    M.HEAPU8.fill(0); // memory that is added later is zero
    if (M.HEAPU8.length < record.memory.length) M.growMemory(record.memory.length);
    if (M.HEAPU8.length !== record.memory.length || !base)
      throw failure("memory", `${M.HEAPU8.length} bytes of memory`);
    M.HEAPU8.set(base);
    link(M, record, modules);
    onBaseline?.(M.HEAPU8);

    const { bytes, runs, sum } = record.memory;
    const snapshot = /** @type {ArrayBuffer} */ (await part("snapshot", parts.snapshot));
    const length = record.files.reduce((total, { size }) => total + Math.ceil(size / 4) * 4, bytes);
    if (snapshot.byteLength !== length)
      throw failure("snapshot", `${snapshot.byteLength} bytes, not ${length}`);
    const delta = new Int32Array(snapshot);
    if (checksum(delta.subarray(bytes / 4)) !== record.filesSum) throw failure("snapshot", "damaged files");
    change(M.HEAP32, delta.subarray(0, bytes / 4), runs);
    const scene = await part("scene", parts.scene ?? null);
    const expected = scene ? addScene(M, new Int32Array(scene)) : sum;
    if (checksum(M.HEAP32) !== expected)
      throw failure("snapshot", "memory differs from the one that was saved");
    if (!trampoline) M.HEAP32[record.trampoline.field >> 2] = 0;
    let at = bytes;
    for (const { path, size } of record.files) {
      M.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      M.FS.writeFile(path, new Uint8Array(snapshot.slice(at, at + size)), { canOwn: true });
      at += Math.ceil(size / 4) * 4;
    }
    // Pyodide keeps its settings, and with them everything that this function refers to.
    delete parts.snapshot;
    delete parts.scene;
    free(scene ? [snapshot, scene] : [snapshot]);
    M.API.restoreSnapshot = () => record.references; // Pyodide restores its JavaScript objects
    return M;
  };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Pyodide waits forever for a module that can't be instantiated. @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    const end = () => reject(failure("timeout", `it took more than ${timeout} ms`));
    Promise.all([parts.main, parts.modules, parts.snapshot, parts.scene]).then(
      () => (timer = setTimeout(end, timeout)),
      () => {},
    );
  });
  const fetched = globalThis.fetch;
  const base = "file:///python/"; // an address that isn't fetched
  // Pyodide requests its main module, which is compiled already, and the standard library, which
  // isn't needed yet.
  globalThis.fetch = async (resource, options) =>
    String(resource).startsWith(base) ? new Response(new Uint8Array()) : fetched(resource, options);
  try {
    const started = parts.loadPyodide({
      indexURL: base,
      ...parts.options,
      _loadSnapshot: new Uint8Array(0), // read by `createModule`
      createPyodideModule: createModule,
    });
    const pyodide = await part("start", Promise.race([broken, started, late]));
    // One digit of Python's integers, so that every start calls the same functions (module-parts.js).
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] >>> 2;
    const warm = pyodide.pyimport("stage.warm");
    warm.wake(seed);
    warm.destroy();
    return pyodide;
  } finally {
    clearTimeout(timer);
    globalThis.fetch = fetched;
  }
}

/**
 * Adds what the first picture didn't need: the standard library and the complete packages, at the
 * paths where Python expects them. Until then, only modules in the snapshot can be imported.
 * Figures work meanwhile.
 * @param {any} pyodide   from `restore`
 * @param {object} parts
 * @param {Uint8Array} parts.library   `python_stdlib.zip`
 * @param {Record<string, Uint8Array>} parts.wheels   by name of the package in Pyodide's lock file
 * @param {string} parts.root   the folder of the packages: `record.root`
 * @param {() => Promise<void>} parts.pause   awaited every few milliseconds
 */
export async function complete(pyodide, { library, wheels, root, pause }) {
  const { FS, loadedPackages } = pyodide;
  FS.writeFile(
    pyodide._module.PATH.join2("/lib", `python${pyodide._api.pyVersionTuple.slice(0, 2).join("")}.zip`),
    library,
    { canOwn: true },
  );
  const names = Object.entries(wheels).map(([name, bytes]) => {
    FS.writeFile(`/tmp/${name}.whl`, bytes, { canOwn: true });
    return `/tmp/${name}.whl`;
  });
  const warm = pyodide.pyimport("stage.warm");
  const list = pyodide.toPy(names);
  try {
    await warm.unpack(list, root, pause);
  } finally {
    list.destroy();
    warm.destroy();
  }
  // From now on, loadPackage() and micropip must know them; a snapshot can't be made with them.
  for (const name of Object.keys(wheels)) loadedPackages[name] = "default channel";
}
