/** What the build puts into scripts as texts, and Pyodide's script that has no types. */
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.html" {
  const text: string;
  export default text;
}
declare module "*.py" {
  const text: string;
  export default text;
}
declare module "pyodide-asm" {
  const create: any;
  export default create;
}
