/** What a page tells its reader to type, and what the comment before it says about that. */
export interface CommandBlock {
  /** Line of the page where the block begins. */
  readonly line: number;
  readonly commands: string;
  /** `<!-- only kind -->`: where it can be run. */
  readonly only: string | undefined;
  /** `<!-- prints "…" -->`: a text that its output has. */
  readonly prints: string | undefined;
  /** `<!-- fails "…" -->`: it ends with an error, whose output has this text. */
  readonly fails: string | undefined;
  /** `<!-- runs until "…" -->`: it belongs in a terminal of its own; the next block comes when its output has this text. */
  readonly until: string | undefined;
}

const fence = /(?:^<!-- (only|prints|fails|runs until) "?([^"\n]+?)"? -->\n+)?^```sh\n([\s\S]*?)^```$/gm;

/** The blocks of a page that are fenced as `sh`, in their order. */
export function commandBlocks(page: string): CommandBlock[] {
  return [...page.matchAll(fence)].map((found) => {
    const [, kind, text, commands = ''] = found;
    const given = (wanted: string): string | undefined => (kind === wanted ? text : undefined);
    return {
      line: page.slice(0, found.index + found[0].indexOf('```sh')).split('\n').length,
      commands,
      only: given('only'),
      prints: given('prints'),
      fails: given('fails'),
      until: given('runs until'),
    };
  });
}
