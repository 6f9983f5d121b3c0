/** What the build wrote beside the pages: made by bundle/publish.py as manifest.js. */
export interface Published {
  /** relative to the site's root */
  url: string;
  bytes: number;
  /** as in `fetch(url, {integrity})` */
  integrity: string;
}
export const files: Record<string, Published>;
/** The packages that the course stands on, by name: their wheels, by their names in `files`. */
export const wheels: Record<string, string>;
/** The course's own wheel; empty where the ordinary start is left out. */
export const course: string;
/** What changed code can import of packages: the module's name, and its package's in Pyodide's distribution. */
export const packages: Record<string, string>;
/** The fast start: the snapshot's own id, and the libraries that it links, by their names in `files`, in its order. */
export const snapshot: { id: string; libraries: string[] };
/** For authors: the source of demos that have changed since the wheel and the snapshot were made, by name. */
export const edited: Record<string, string>;
