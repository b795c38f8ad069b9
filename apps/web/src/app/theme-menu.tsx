import { Contrast, Moon, Sun, SunMoon } from 'lucide-react';
import { THEMES, theme } from '../lib/theme.ts';
import { useStored } from '../lib/stored.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu, MenuChoice } from '../ui/menu.tsx';

const ICONS = { system: SunMoon, light: Sun, dark: Moon, contrast: Contrast };
const LABELS = { system: 'System', light: 'Light', dark: 'Dark', contrast: 'High contrast' };

export function ThemeMenu() {
  const choice = useStored(theme);
  const Icon = ICONS[choice];
  return (
    <Menu
      trigger={
        <IconButton label={`Theme: ${LABELS[choice]}`}>
          <Icon aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuChoice
        label="Theme"
        value={choice}
        options={THEMES.map((value) => ({ value, label: LABELS[value] }))}
        onChange={(value) => theme.set(THEMES.find((name) => name === value) ?? 'system')}
      />
    </Menu>
  );
}
