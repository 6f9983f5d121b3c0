// Like the learning MFE of Open edX: a page has one unit, so it doesn't check which frame sent the message.
addEventListener("message", ({ source, data }) => {
  if (data?.type !== "plugin.resize") return;
  for (const frame of document.querySelectorAll("iframe[data-host=openedx]"))
    if (frame.contentWindow === source) frame.style.height = `${data.payload.height}px`;
});
