"use strict";
const form = document.querySelector("form");
let unsaved = false;
form.addEventListener("change", () => { unsaved = true; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const answers = new FormData(form);
  const rater = answers.get("rater");
  const lines = ["round,rater,clip,rating"];
  for (const clip of form.querySelectorAll("fieldset")) {
    lines.push([form.dataset.round, rater, clip.name, answers.get(clip.name)].join(","));
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], {type: "text/csv"}));
  link.download = `ratings_${form.dataset.round}_${rater}.csv`;
  link.click();
  unsaved = false;
  document.querySelector("output").textContent = `Saved as ${link.download}. Thank you; send that file back.`;
});
