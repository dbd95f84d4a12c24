// The policy of these pages lets no form be sent: the search is a link.
for (const form of document.querySelectorAll("form[role=search]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = new FormData(form).get("q").trim();
    if (words) location.assign(`${form.action.split("?")[0]}?q=${encodeURIComponent(words)}`);
  });
}

// On a narrow screen the contents are folded.
const contents = document.querySelector("details.contents");
const narrow = matchMedia("(max-width: 50rem)");
const fold = () => { contents.open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();
