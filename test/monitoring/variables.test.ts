import { describe, expect, it } from 'vitest';
import type { Series } from '../../monitoring/prometheus/api.js';
import { chooseAll, substitute } from '../../monitoring/prometheus/variables.js';
import { targetVariables } from '../../monitoring/targets.js';

const lengths = { range: '1h', rateInterval: '1m' };

describe('the variables of a dashboard', () => {
  it('choose all programs that it is about, as regular expressions for just them', async () => {
    const asked: string[] = [];
    const prometheus = {
      query: (expr: string): Promise<Series[]> => {
        asked.push(expr);
        const jobs = ['endorser', 'endorser-2'].map((job) => ({ labels: { job }, points: [] }));
        const instances = ['10.0.0.5:9443'].map((instance) => ({ labels: { instance }, points: [] }));
        return Promise.resolve(expr.startsWith('group by (job)') ? jobs : instances);
      },
    };
    const all = await chooseAll(targetVariables('endorser'), prometheus, { ...lengths, namespace: 'fabric' });
    expect(asked).toEqual([
      'group by (job) (endorser_proposals_received{namespace=~"fabric"})',
      'group by (instance) (endorser_proposals_received{namespace=~"fabric",job=~"endorser|endorser-2"})',
    ]);
    expect(substitute('up{job=~"$job",instance=~"$instance"}', all)).toBe(
      String.raw`up{job=~"endorser|endorser-2",instance=~"10\\.0\\.0\\.5:9443"}`,
    );
  });

  it('keep what somebody has chosen', async () => {
    const prometheus = { query: (): Promise<Series[]> => Promise.reject(new Error('nothing to ask')) };
    const chosen = { ...lengths, job: 'endorser', instance: 'peer0:9443' };
    expect(await chooseAll(targetVariables('any'), prometheus, chosen)).toBe(chosen);
  });
});
