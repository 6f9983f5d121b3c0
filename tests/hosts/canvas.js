// Like Canvas and other LTI platforms: the message is an object or text, and applies to the frame that sent it.
addEventListener("message", ({ source, data }) => {
  let message = data;
  try {
    if (typeof data === "string") message = JSON.parse(data);
  } catch {
    return;
  }
  if (message?.subject !== "lti.frameResize") return;
  for (const frame of document.querySelectorAll("iframe[data-host=canvas]")) {
    if (frame.contentWindow !== source) continue;
    frame.style.height = `${message.height}px`;
    frame.dataset.forms = [...new Set([...(frame.dataset.forms ?? "").split(" "), typeof data])]
      .sort()
      .join(" ")
      .trim();
  }
});
