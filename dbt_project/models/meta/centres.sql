-- One row per centre.
-- R0.1: the centres of this release and the calendar of their sources.
with centres as (select centre_id, centre_name, calendar, anchor_date from {{ source('lake', 'centres') }})

select * from centres
