"use strict";
for (const command of document.querySelectorAll(".command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = command.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command.querySelector("code"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  command.append(button);
}
addEventListener("beforeprint", () => {
  // Everything that was found. All that was looked at as well would be fifty pages: that is printed as
  // the reader left it.
  for (const it of document.querySelectorAll(".warnings:not([open]), .cause details:not([open])")) {
    it.open = true;
    it.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const it of document.querySelectorAll("details[data-printed]")) {
    it.open = false;
    delete it.dataset.printed;
  }
});
