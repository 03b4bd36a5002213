/** The items of this attempt, kept once fetched: a candidate whose connection is gone can still turn to every question. */

export class Items {
  private readonly kept = new Map<string, string>();

  constructor(private readonly fetched: (item_id: string) => Promise<string>) {}

  async xml(item_id: string): Promise<string> {
    const known = this.kept.get(item_id);
    if (known !== undefined) return known;
    const xml = await this.fetched(item_id);
    this.kept.set(item_id, xml);
    return xml;
  }

  async fetchAll(questions: readonly { item_id: string }[]): Promise<void> {
    for (const { item_id } of questions) {
      await this.xml(item_id).catch(() => ""); // asked for again when it is opened
    }
  }
}
