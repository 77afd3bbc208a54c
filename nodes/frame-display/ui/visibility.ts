/** Tells whether an element can be seen: its page is not hidden and it is within the window. */
export function watchVisibility(element: Element, onChange: (isVisible: boolean) => void): () => void {
  let isInWindow = true;
  const tell = () => onChange(isInWindow && document.visibilityState === 'visible');
  const observer = new IntersectionObserver(([entry]) => {
    isInWindow = entry.isIntersecting;
    tell();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', tell);
  return () => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', tell);
  };
}
