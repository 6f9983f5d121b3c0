/** What the build puts above sw.js: the version published with it, and its files: address, bytes, integrity. */
declare const BUILD: { version: string; files: [string, number, string][] };

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
