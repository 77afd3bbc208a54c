import { computed, type Ref, ref } from 'vue';
import type { Report } from '../protocol';

/** What this viewer has chosen to see of a wall: all of it, or one stream alone. Nobody else sees a change. */
export function useOwnView(report: Ref<Report>) {
  const chosen = ref('');
  /** The stream chosen, as long as there is a picture of it; '' for all. */
  const alone = computed(() =>
    report.value.screens.some(({ stream }) => stream === chosen.value) ? chosen.value : '',
  );
  /** The report, as far as it is about what is seen here. */
  const view = computed<Report>(() => {
    const screens = report.value.screens.filter(({ stream }) => stream === alone.value);
    const [screen] = screens;
    if (alone.value === '' || screen === undefined) return report.value;
    const { state, fps, stream } = screen;
    return { ...report.value, screens, state, fps, stream };
  });
  /** The only screen seen; undefined for all. */
  const screen = computed(() => (alone.value === '' ? undefined : view.value.screens[0]?.id));
  function choose(stream: string) {
    chosen.value = stream;
  }
  return { alone, view, screen, choose };
}
