/** The flags of `endorser`, as they are written. */
export interface EndorserFlags {
  config?: string;
  join: string[];
  verbose?: boolean;
}
