import { onBeforeUnmount, onMounted, type Ref, ref } from 'vue';

/** Ms within which the key that left full screen may still be told: browsers differ in which they tell first. */
const keyDelay = 500;

/** Full screen for one element. */
export function useFullScreen(element: Ref<HTMLElement | undefined>) {
  const isFullScreen = ref(false);
  let leftAt = Number.NEGATIVE_INFINITY;
  const note = () => {
    const wasFullScreen = isFullScreen.value;
    isFullScreen.value = element.value !== undefined && document.fullscreenElement === element.value;
    if (wasFullScreen && !isFullScreen.value) leftAt = performance.now();
  };
  onMounted(() => document.addEventListener('fullscreenchange', note));
  onBeforeUnmount(() => document.removeEventListener('fullscreenchange', note));
  function toggle() {
    if (isFullScreen.value) void document.exitFullscreen();
    else void element.value?.requestFullscreen?.();
  }
  /** Whether Escape, pressed now, leaves full screen, or has just left it. */
  const isEscape = () => isFullScreen.value || performance.now() - leftAt < keyDelay;
  return { isFullScreen, toggle, isEscape };
}
