// The site's proctoring profile.
import { Profile } from "../site/profile";

const form = document.querySelector<HTMLFormElement>("[data-profile]");
if (form) new Profile(form).start();
