// The reviewer's session page.
import { ReviewPage } from "../review/page";

const root = document.getElementById("review");
if (root) {
  ReviewPage.start(root).catch((error: unknown) => {
    const place = root.querySelector("[data-timeline] [role=status]");
    if (place) place.textContent = error instanceof Error ? error.message : "The session could not be loaded. Reload the page.";
  });
}
