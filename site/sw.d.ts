/** What the build puts above sw.js: the version published with it, its files (address, bytes, integrity), and those that
 * are kept after these: packages that only changed code imports. */
declare const BUILD: { version: string; files: [string, number, string][]; later: [string, number, string][] };

/** What the service worker tells pages. */
interface OfflineStatus {
  /** a whole version is here */
  ready: boolean;
  /** it is that of BUILD */
  newest: boolean;
  /** on the version of BUILD */
  work: "" | "coming" | "failed" | "full";
  /** bytes of the version of BUILD that are here */
  done: number;
  total: number;
}
