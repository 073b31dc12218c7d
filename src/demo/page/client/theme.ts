import { useEffect, useState } from 'react';

type Theme = 'light' | 'dark';

/** Light or dark: as the system has it, until somebody turns it for this visit. */
export function useTheme(): { readonly theme: Theme; readonly turn: () => void } {
  const [system, setSystem] = useState<Theme>(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  const [chosen, setChosen] = useState<Theme>();
  const theme = chosen ?? system;
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setSystem(query.matches ? 'dark' : 'light');
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return { theme, turn: () => setChosen(theme === 'dark' ? 'light' : 'dark') };
}
