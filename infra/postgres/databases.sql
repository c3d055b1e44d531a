-- Who has what in the PostgreSQL of compose.yaml: run by its superuser at each start, it changes nothing that is so already,
-- but the passwords, which are those of the files in $SECRETS.
\set ON_ERROR_STOP on
\set airflow `cat "$SECRETS/airflow_postgres_password"`
\set backbeat `cat "$SECRETS/backbeat_postgres_password"`
\set metabase `cat "$SECRETS/metabase_postgres_password"`

create temporary table wanted (name text);
insert into wanted values ('airflow'), ('backbeat'), ('metabase');

select format('create role %I', name) from wanted where name not in (select rolname from pg_roles)
\gexec
alter role airflow login password :'airflow';
-- It sets the password of the role that reads gold, at each publish.
alter role backbeat login createrole password :'backbeat';
alter role metabase login password :'metabase';

select format('create database %I owner %I encoding %L template template0', name, name, 'UTF8')
from wanted where name not in (select datname from pg_database)
\gexec

-- Who reads gold: made here, so that BI tools can log in before the first publish, which sets its rights.
\set reader `cat "$SECRETS/backbeat_reader_password"`
select 'create role backbeat_reader' where not exists (select from pg_roles where rolname = 'backbeat_reader')
\gexec
alter role backbeat_reader login password :'reader';
alter role backbeat_reader set search_path = gold;
alter role backbeat_reader set default_transaction_read_only = on;
grant backbeat_reader to backbeat with admin option;

-- Each into its own; whoever reads gold, into that.
revoke connect on database airflow, metabase from public;
