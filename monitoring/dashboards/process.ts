import type { Panel, Source } from '../panel.js';
import { orZero, perSecond, select, sum } from '../promql.js';

/** The panels of a Node.js process, for each program the same. */
export function processPanels(of: Source): Panel[] {
  return [
    {
      title: 'Memory',
      description: 'Resident memory and JavaScript heap, below the limit of the container or the machine.',
      kind: 'lines',
      unit: 'bytes',
      of,
      queries: [
        { expr: select('process_resident_memory_bytes'), legend: '{{instance}} resident' },
        { expr: select('nodejs_heap_size_used_bytes'), legend: '{{instance}} heap' },
        { expr: select('chaincode_launcher_memory_limit_bytes'), legend: '{{instance}} limit' },
      ],
    },
    {
      title: 'Event loop lag',
      description: 'How late the process gets to its work. Above 0.1 s everything that it does is slow.',
      kind: 'lines',
      unit: 's',
      of,
      queries: [
        { expr: select('nodejs_eventloop_lag_p50_seconds'), legend: '{{instance}} p50' },
        { expr: select('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}} p99' },
      ],
    },
    {
      title: 'CPU and garbage collection',
      description: 'Cores used, and the share of time spent on collecting garbage.',
      kind: 'lines',
      unit: 'percentunit',
      of,
      queries: [
        { expr: perSecond(select('process_cpu_seconds_total'), 'instance'), legend: '{{instance}} CPU' },
        { expr: perSecond(select('nodejs_gc_duration_seconds_sum'), 'instance'), legend: '{{instance}} GC' },
      ],
    },
    {
      title: 'Warnings and errors in the log',
      description: 'Log entries per second by level.',
      kind: 'lines',
      unit: 'cps',
      of,
      queries: [
        {
          expr: orZero(
            perSecond(select('logging_entries_written', 'level=~"warn|error|fatal"'), 'level'),
            'level',
          ),
          legend: '{{level}}',
        },
      ],
    },
    {
      title: 'Running for',
      description: 'Time since the start of each process: a drop is a restart.',
      kind: 'lines',
      unit: 's',
      of,
      queries: [{ expr: `time() - ${select('process_start_time_seconds')}`, legend: '{{instance}}' }],
    },
    {
      title: 'Open files',
      description: 'File descriptors in use, sockets included.',
      kind: 'lines',
      unit: 'none',
      of,
      queries: [{ expr: sum(select('process_open_fds'), 'instance'), legend: '{{instance}}' }],
    },
  ];
}
