/**
 * What the build puts above sw.js: the version published with it, its files (URL, bytes, integrity), and
 * packages that only changed code imports, which are saved after them.
 */
declare const BUILD: {
  version: string;
  files: [string, number, string][];
  later: [string, number, string][];
};

/** What the service worker sends to pages. */
interface OfflineStatus {
  /** a complete version is saved */
  ready: boolean;
  /** it is the version of BUILD */
  newest: boolean;
  /** the download of the version of BUILD */
  work: "" | "coming" | "failed" | "full";
  /** bytes of the version of BUILD that are saved */
  done: number;
  total: number;
}
