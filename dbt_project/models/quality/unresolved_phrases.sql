-- One row per centre, source, column, vocabulary, reason and text that stays unknown.
-- R1: free text that no reviewed phrase settles, those of most patients first: of full deliveries the newest counts, of
-- changes all together. A text is shown only where several patients share it; the others are counted.
with read_files as (
    select
        files.centre_id,
        files.source,
        files.batch_id,
        dense_rank() over (
            partition by files.centre_id, files.source
            order by deliveries.extract_date desc, deliveries.delivery_seq desc
        ) as newness
    from {{ source('lake', 'delivery_files') }} as files
    inner join {{ source('lake', 'deliveries') }} as deliveries on files.batch_id = deliveries.batch_id
),

newest as (select distinct source, batch_id from read_files where newness = 1),

gaps as (
    select gaps.*
    from {{ source('lake', 'phrase_gaps') }} as gaps
    left join newest on gaps.source = newest.source and gaps.batch_id = newest.batch_id
    where not gaps.is_full or newest.batch_id is not null
),

summed as (
    select
        centre_id,
        source,
        column_name,
        vocabulary,
        reason,
        written,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(max(n_patients) as bigint) as n_patients,
        min(source_file) as source_file,
        {{ value_of_first('source_row', '(source_file, source_row)') }} as source_row
    from gaps
    group by centre_id, source, column_name, vocabulary, reason, written
),

ranked as (
    select
        centre_id,
        row_number() over (
            partition by centre_id
            order by
                reason = 'NEGATED',
                n_patients desc,
                n_rows desc,
                source asc,
                column_name asc,
                vocabulary asc,
                reason asc,
                written asc
        ) as rank_no,
        source,
        column_name,
        vocabulary,
        reason,
        written as unknown_text,
        n_rows,
        n_patients,
        source_file,
        source_row
    from summed
)

select * from ranked
