// Buttons that copy what stands before them: they are there only where this script runs.

for (const source of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${source.dataset.copy}`);
  button.addEventListener("click", async () => {
    const said = (await copied(source)) ? "Copied" : "Not copied";
    button.textContent = said;
    document.getElementById("said").textContent = said;
  });
  button.addEventListener("blur", () => (button.textContent = "Copy"));
  source.after(" ", button);
}

async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source); // a page from another address than localhost has no clipboard
    return document.execCommand("copy");
  }
}
