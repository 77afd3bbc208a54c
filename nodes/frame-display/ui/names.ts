import { computed, type Ref } from 'vue';
import { printable } from '../../../lib/printable';
import type { Report } from '../protocol';
import { streamNames } from './stream-names';

/** What streams are called here. */
export function useNames(report: Ref<Report>): (stream: string) => string {
  const streams = computed(() => {
    const { streams: seen, screens } = report.value;
    return [...new Set([...seen, ...screens.map(({ stream }) => stream)])].filter(Boolean).sort();
  });
  let named: { of: string; names: Map<string, string> } = { of: '', names: new Map() };
  return (stream) => {
    const of = JSON.stringify(streams.value);
    // There is a report every second, and rarely a new stream.
    if (named.of !== of) named = { of, names: streamNames(streams.value) };
    return printable(named.names.get(stream) ?? streamNames([stream]).get(stream) ?? stream);
  };
}
