/**
 * Runs Python beside the page. It touches no network: what it needs, the page fetches and hands over.
 *
 * From the page: {id, call: "start" | "draw", …}   answered by {id, value} or {id, error: {name, message, detail}}
 *                {file, value}                     a file, pushed ahead or asked for; value null: not to be had
 * To the page:   {want}                            the address of a file that Python asks for
 */

/** @typedef {{loadPyodide: Function, createPyodideModule: Function}} Runtime */

const INDEX = "file:///python/"; // fictitious: every request is answered by the page

/** @type {any} */
let session;
/** @type {any} */
let pyodide;

/** @type {Map<string, {promise: Promise<any>, resolve: (value: any) => void}>} */
const files = new Map();

/** @param {string} name @returns {{promise: Promise<any>, resolve: (value: any) => void}} */
function slot(name) {
  let found = files.get(name);
  if (!found) {
    let resolve = (/** @type {any} */ _) => {};
    const promise = new Promise((done) => (resolve = done));
    found = { promise, resolve };
    files.set(name, found);
  }
  return found;
}

/** A file by its name, once it has come; each is handed out once. @param {string} name */
async function file(name) {
  const value = await slot(name).promise;
  files.delete(name);
  return value;
}

globalThis.fetch = async (resource) => {
  const url = String(resource instanceof Request ? resource.url : resource);
  const name = url.startsWith(INDEX) ? url.slice(INDEX.length) : url;
  if (!expected.has(name)) self.postMessage({ want: name });
  const value = await file(name);
  if (value === null) return new Response(null, { status: 404, statusText: "Not Found" });
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(value, { headers: { "content-type": type } });
};

/** Names of the files that the page pushes without being asked. @type {Set<string>} */
let expected = new Set();

/**
 * @typedef {object} Plan
 * @property {"snapshot" | "ordinary"} boot
 * @property {{pyodide: string, asm: string, zstd: string}} scripts addresses
 * @property {string[]} pushed   names of the files that come without being asked for
 * @property {string[]} packages of the ordinary start
 * @property {string} course     the course's own wheel
 * @property {{id: string, libraries: string[]}} snapshot
 */

/**
 * The fast start: Python's memory as it was when the course was built.
 * @param {Plan} plan
 */
async function restoreSnapshot({ scripts, snapshot }) {
  const [{ restore }, { ZSTDDecoder }, { loadPyodide, version }] = await Promise.all([
    import("./restore.js"),
    import(scripts.zstd),
    import(scripts.pyodide),
  ]);
  return restore({
    id: snapshot.id,
    record: file("record.json").then((bytes) => JSON.parse(new TextDecoder().decode(bytes))),
    snapshot: file("snapshot.bin").then((bytes) => new Uint8Array(bytes)),
    decoder: ZSTDDecoder,
    main: file("pyodide.asm.wasm"),
    modules: Promise.all(snapshot.libraries.map(file)),
    loadPyodide,
    version,
    createPyodideModule: import(scripts.asm).then((script) => script.default),
    options: {
      packageBaseUrl: INDEX,
      lockFileContents: new TextDecoder().decode(await file("pyodide-lock.json")),
    },
  });
}

/**
 * The ordinary start: unpack the runtime and the wheels, install the course's own wheel.
 * @param {Plan} plan
 */
async function startOrdinary({ scripts, packages, course }) {
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    import(scripts.pyodide),
    import(scripts.asm),
  ]);
  const python = await loadPyodide({
    indexURL: INDEX,
    packageBaseUrl: INDEX,
    createPyodideModule,
    env: { HOME: "/home/pyodide", MPLBACKEND: "agg" },
  });
  await python.loadPackage(packages, { messageCallback: () => {} });
  // loadPackage() does not reject: what is missing has to be looked for.
  const loaded = new Set(Object.keys(python.loadedPackages).map((name) => name.toLowerCase()));
  const missing = packages.filter((name) => !loaded.has(name));
  if (missing.length) throw new Error(`packages did not load: ${missing.join(", ")}`);
  python.FS.writeFile(`/tmp/${course}`, new Uint8Array(await file(course)));
  const micropip = python.pyimport("micropip");
  await micropip.install.callKwargs(`emfs:/tmp/${course}`, { deps: false });
  micropip.destroy();
  return python;
}

/** @param {Plan} plan */
async function start(plan) {
  expected = new Set(plan.pushed);
  pyodide = await (plan.boot === "snapshot" ? restoreSnapshot(plan) : startOrdinary(plan));
  session = pyodide.pyimport("stage.session");
}

/** @param {{demo: string, fields: Record<string, string[]>, width: number, ratio: number, theme: string, whole: boolean}} request */
function draw({ demo, fields, width, ratio, theme, whole }) {
  const given = pyodide.toPy(fields);
  const picture = session.draw(demo, given, width, ratio, theme, whole);
  const pixels = picture.pixels;
  const buffer = pixels.getBuffer("u8clamped");
  const handles = picture.handles;
  try {
    return {
      caption: picture.caption,
      frame: { width: picture.across, height: picture.down },
      rect: { x: picture.x, y: picture.y, width: picture.width, height: picture.height },
      pixels: buffer.data.slice().buffer,
      handles: handles?.toJs({ dict_converter: Object.fromEntries }) ?? null,
    };
  } finally {
    buffer.release();
    for (const proxy of [given, pixels, handles, picture]) proxy?.destroy();
  }
}

self.onmessage = async ({ data }) => {
  if ("file" in data) {
    slot(data.file).resolve(data.value);
    return;
  }
  const { id, call } = data;
  try {
    const value = call === "draw" ? draw(data) : await start(data);
    self.postMessage({ id, value }, { transfer: value?.pixels ? [value.pixels] : [] });
  } catch (error) {
    const { type, name, message, stack } = /** @type {any} */ (error);
    self.postMessage({ id, error: { name: type ?? name, message, detail: stack } });
  }
};
