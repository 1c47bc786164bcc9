/** The flags of `orderer`, as they are written. */
export interface OrdererFlags {
  data: string;
  genesisBlock: string[];
  msp: string;
  mspId: string;
  listen: string;
  tlsCert?: string;
  tlsKey?: string;
  insecure?: boolean;
  operationsAddress: string;
  verbose?: boolean;
}
