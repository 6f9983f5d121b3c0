/** manifest.js, which the build writes (bundle/publish.py): the published files, and what Python starts from. */
export interface Published {
  /** relative to the site's root */
  url: string;
  bytes: number;
  /** as in `fetch(url, {integrity})` */
  integrity: string;
}
export const files: Record<string, Published>;
/** The packages that the course needs: their wheels, by their names in `files`. */
export const wheels: Record<string, string>;
/** The course's own wheel; empty in packages without the ordinary start. */
export const course: string;
/** The packages that changed code can import: the name of the module, and of its package in Pyodide. */
export const packages: Record<string, string>;
/**
 * The fast start: the id of the snapshot, the libraries that it links, in its order, and the figures that have a scene
 * (`NAME.scene`), with its width in CSS pixels.
 */
export const snapshot: { id: string; libraries: string[]; scenes: Record<string, number> };
/** For authors: the source of figures that are newer than the wheel and the snapshot, by name. */
export const edited: Record<string, string>;
