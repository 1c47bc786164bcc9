import { LedgerProvider } from '../../src/ledger/ledgerProvider.js';
import { commitBlock, genesisBlock, simulate } from './ledgerChain.js';

// Started by a test that kills it: commits blocks without end and names each one after its commit is done.

const provider = await LedgerProvider.open(process.env['DIR']!);
const [existing] = await provider.openAll();
const ledger = existing ?? (await provider.create(genesisBlock('ch')));
process.stdout.write(`${ledger.height}\n`);
for (;;) {
  const { height } = ledger;
  const transactions: Uint8Array[] = [];
  for (let i = 0; i < 5; i++) {
    transactions.push(
      await simulate(ledger, `tx-${height}-${i}`, (tx) => {
        tx.getState('cc', `counter-${i}`);
        tx.setState('cc', `counter-${i}`, Buffer.from(`${height}`));
        tx.setState('cc', `key-${height}-${i}`, Buffer.alloc(2000, i));
      }),
    );
  }
  await commitBlock(ledger, ...transactions);
  process.stdout.write(`${ledger.height}\n`);
}
