# Writes data/*.csv: public data of R's survival package and generated ones, in one shape.
# Run by hand from this folder when a data set changes: Rscript datasets.R
# Columns: time, event (0, 1), cause (0 censored, 1, 2), grp, stratum, cluster, weight, x1 ... (covariates).
library(survival)

write_set <- function(name, time, event, x, cause = event, grp = x[[1]], stratum = NULL, cluster = NULL) {
  n <- length(time)
  row <- seq_len(n)
  set <- data.frame(
    time = time, event = as.integer(event), cause = as.integer(cause), grp = as.integer(factor(grp)),
    stratum = as.integer(factor(if (is.null(stratum)) row %% 3 else stratum)),
    cluster = as.integer(factor(if (is.null(cluster)) row %/% 4 else cluster)),
    weight = 0.4 + (row * 37) %% 101 / 50
  )
  names(x) <- paste0("x", seq_along(x))
  set <- na.omit(cbind(set, x))
  write.csv(set, file.path("data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}

with(lung, write_set("lung", time, status == 2, data.frame(sex, age, ph.ecog), stratum = inst %/% 6))
with(veteran, write_set("veteran", time, status, data.frame(trt, karno, age), grp = celltype, stratum = prior))
with(ovarian, write_set("ovarian", futime, fustat, data.frame(rx, age), stratum = resid.ds))
with(colon[colon$etype == 2, ], write_set(
  "colon", time, status, data.frame((rx == "Lev+5FU") * 1, age, nodes), grp = rx, stratum = differ
))
with(pbc[1:312, ], write_set(
  "pbc", time, status == 2, data.frame(trt, edema, bili, age), cause = c(0, 2, 1)[status + 1], stratum = stage > 3
))
with(bladder, write_set("bladder", stop, event, data.frame(rx, size, number), stratum = enum, cluster = id))
with(gbsg, write_set("gbsg", rfstime, status, data.frame(hormon, age, size, nodes), stratum = grade))
with(kidney, write_set("kidney", time, status, data.frame(sex, age, (disease == "PKD") * 1), cluster = id))
with(aml, write_set("aml", time, status, data.frame(x = (x == "Maintained") * 1)))
with(mgus2, write_set(
  "mgus2", ifelse(pstat == 0, futime, ptime), pstat == 1, data.frame(sex = (sex == "M") * 1, age, mspike),
  cause = ifelse(pstat == 1, 1, 2 * death), grp = cut(age, c(0, 60, 75, 200)), stratum = age > 70
))

patients <- read.csv("../../../demo/escc87.csv")
with(patients, write_set(
  "escc87", pfs_months, pfs_event, data.frame(ecog, (primary_site == "Middle") * 1, (primary_site == "Lower") * 1),
  cause = ifelse(pfs_event == 0, 0, ifelse(best_response == "PD", 1, 2)), grp = primary_site, stratum = sex
))

RNGversion("4.0.0")
set.seed(4)
draw <- function(n, times) list(
  time = sample(times, n, TRUE), cause = sample(0:2, n, TRUE), a = sample(0:1, n, TRUE), b = sample(1:40, n, TRUE)
)
ties <- draw(120, 1:6)
with(ties, write_set("heavy_ties", time, cause > 0, data.frame(a, b), cause, stratum = b %/% 15))
tiny <- draw(6, 1:5)
tiny$cause <- c(1, 1, 2, 0, 1, 2)
with(tiny, write_set("tiny_groups", c(2, 3, 3, 5, 1, 4), cause > 0, data.frame(b), cause, c(1, 2, 2, 3, 3, 3), rep(1, 6)))
none <- draw(12, 1:9)
with(none, write_set("no_events", time, 0 * cause, data.frame(a, b), 0 * cause))
all <- draw(40, 1:12)
with(all, write_set("all_events", time, 1 + 0 * cause, data.frame(a, b), 1 + cause %% 2))
apart <- draw(40, 1:30)
with(apart, write_set("separated", time, a * (cause > 0), data.frame(a, b), a * cause))
centres <- draw(90, (1:40) / 4)
with(centres, write_set("centres", time, cause > 0, data.frame(a, b), cause, stratum = (1:90) %% 11, cluster = (1:90) %% 11))
