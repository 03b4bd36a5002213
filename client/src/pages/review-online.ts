// Online violations of a session: plays through their pictures.
import { SnapshotPlayer, snapshotsOf } from "../review/snapshots";

const place = document.querySelector<HTMLElement>("[data-snapshots]");
if (place) {
  const all = snapshotsOf(document);
  if (all.length > 0) new SnapshotPlayer(place, all);
}
