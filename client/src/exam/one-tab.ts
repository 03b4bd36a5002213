/** One tab of a browser holds an attempt; a second one must ask, and asking is only possible before it touches anything. */

/** True when this tab holds it now. `lost` is called when another tab takes it over. */
export function holdTab(attempt: string, steal: boolean, lost: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const options: LockOptions = steal ? { steal: true } : { ifAvailable: true };
    navigator.locks
      .request(`examhall-attempt-${attempt}`, options, async (lock) => {
        resolve(lock !== null);
        if (lock) await new Promise(() => undefined); // held until the tab goes or another steals it
      })
      .catch(() => lost());
  });
}
