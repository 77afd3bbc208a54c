import { onBeforeUnmount, onMounted, ref } from 'vue';

/** Ms between looks at the clock. */
const tick = 500;

const now = ref(performance.now());
let users = 0;
let timer: ReturnType<typeof setInterval>;

/** The time as performance.now() tells it, every half second: the same for all who look, so that they never tell two times. */
export function useNow() {
  onMounted(() => {
    users += 1;
    if (users > 1) return;
    now.value = performance.now();
    timer = setInterval(() => {
      now.value = performance.now();
    }, tick);
  });
  onBeforeUnmount(() => {
    users -= 1;
    if (users === 0) clearInterval(timer);
  });
  return now;
}
