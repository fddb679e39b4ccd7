// The reader's settings in the browser; a browser that keeps nothing is no fault.

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`control-room.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`control-room.${name}`, value);
  } catch {
    // It then holds until the page is closed.
  }
}
