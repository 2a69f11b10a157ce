import { render } from 'preact';
import { App } from './app.tsx';
import './styles/base.css';
import './styles/layout.css';
import './styles/phone.css';
import './styles/timeline.css';
import './styles/desk.css';

const place = document.getElementById('app');
if (place !== null) render(<App />, place);
