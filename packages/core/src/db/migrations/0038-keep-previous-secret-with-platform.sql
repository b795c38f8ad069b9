-- The secret a platform had before stood in the settings, apart from the one it has: now it stands beside it, with its end.
alter table platform
  add column previous_secret text,
  add column previous_secret_until timestamptz,
  add constraint platform_previous_secret_check check ((previous_secret is null) = (previous_secret_until is null));

update platform p
set previous_secret = s.value ->> 'secret', previous_secret_until = (s.value ->> 'until')::timestamptz
from setting s
where s.key = 'platform_previous_secret.' || p.key;

delete from setting where key like 'platform\_previous\_secret.%';
