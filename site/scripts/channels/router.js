/**
 * The course in one file (bundle/single.py): shows the page that the URL asks for, as in
 * `?page=lessons/01-vectors.html`, and fills in its pictures. single.py inserts it as a classic
 * script.
 *
 * A link to another page loads the file again, so that Back and all other scripts work as on the
 * site.
 */
{
  const asked = new URLSearchParams(location.search).get("page") ?? "";
  const template =
    document.querySelector(`template[data-page="${CSS.escape(asked)}"]`) ??
    document.querySelector("template[data-page]");
  if (template instanceof HTMLTemplateElement) {
    const { pictures } = /** @type {{pictures: Record<string, string>}} */ (
      /** @type {unknown} */ (globalThis)
    );
    for (const tag of template.content.querySelectorAll("[data-picture]"))
      tag.setAttribute(
        tag.localName === "img" ? "src" : "srcset",
        pictures[tag.getAttribute("data-picture") ?? ""],
      );
    document.title = template.dataset.title ?? "";
    document.body.className = template.dataset.kind ?? "";
    document.body.append(template.content);
  }
}
