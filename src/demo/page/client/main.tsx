import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.getElementById('page');
if (root === null) throw new Error('the document has no place for the page');
createRoot(root).render(<App />);
