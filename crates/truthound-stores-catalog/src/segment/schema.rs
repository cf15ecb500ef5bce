//! The columns of a segment: their names, types and encodings.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use crate::row::CHECKSUM;

/// So many rows are sorted and written together, and begin where the rows before them end in time.
pub(crate) const BAND: usize = 32_768;
/// So many rows are decoded together. Every page but the last of a band has as many, in all columns.
pub(crate) const PAGE: usize = 2_048;
/// A band ends early when the texts of its rows take so many bytes: no page outgrows what a reader holds.
pub(super) const BAND_BYTES: usize = 64 << 20;
/// A segment of fewer rows is written without compression, unless their texts take [`SMALL_BYTES`]: to make what compresses and unpacks each
/// column takes longer than all else, for a few bytes of an object that the next folds write again.
pub(super) const SMALL: usize = 256;
pub(super) const SMALL_BYTES: usize = 64 << 10;
/// A dictionary has so many bytes at the most: it is read with each page.
pub(super) const DICTIONARY: usize = 1 << 20;
/// So many bytes of chance an incarnation has.
pub(super) const CHANCE: usize = 2;
/// Level 9 writes a quarter fewer rows a second, and not one byte less: what is compressed here is short, and half of it chance.
const LEVEL: i32 = 3;

/// A column, by its place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Id,
    DataAsset,
    RunTime,
    Status,
    Tags,
    SuiteName,
    TotalValidators,
    PassedValidators,
    FailedValidators,
    ErrorValidators,
    TotalRows,
    TotalColumns,
    TotalIssues,
    CriticalIssues,
    HighIssues,
    MediumIssues,
    LowIssues,
    ExecutionTimeMs,
    ExecutionTimeExact,
    Size,
    Checksum,
    Age,
    Chance,
    SavedAt,
    Op,
    Gen,
    Suffix,
    Ext,
    Before,
    Arrived,
}

/// What the values of a column are, and whether some may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    OptionalText,
    OptionalBytes,
    Count,
    Number,
    Time,
    /// Thousandths.
    OptionalDecimal,
    OptionalFloat,
    Fixed(usize),
}

impl Kind {
    pub(super) const fn is_optional(self) -> bool {
        matches!(self, Self::OptionalText | Self::OptionalBytes | Self::OptionalDecimal | Self::OptionalFloat)
    }
}

impl Column {
    pub(super) const ALL: [Self; 30] = [
        Self::Id,
        Self::DataAsset,
        Self::RunTime,
        Self::Status,
        Self::Tags,
        Self::SuiteName,
        Self::TotalValidators,
        Self::PassedValidators,
        Self::FailedValidators,
        Self::ErrorValidators,
        Self::TotalRows,
        Self::TotalColumns,
        Self::TotalIssues,
        Self::CriticalIssues,
        Self::HighIssues,
        Self::MediumIssues,
        Self::LowIssues,
        Self::ExecutionTimeMs,
        Self::ExecutionTimeExact,
        Self::Size,
        Self::Checksum,
        Self::Age,
        Self::Chance,
        Self::SavedAt,
        Self::Op,
        Self::Gen,
        Self::Suffix,
        Self::Ext,
        Self::Before,
        Self::Arrived,
    ];

    /// The counts of a document's statistics, in their order.
    pub(super) const COUNTS: [Self; 11] = [
        Self::TotalValidators,
        Self::PassedValidators,
        Self::FailedValidators,
        Self::ErrorValidators,
        Self::TotalRows,
        Self::TotalColumns,
        Self::TotalIssues,
        Self::CriticalIssues,
        Self::HighIssues,
        Self::MediumIssues,
        Self::LowIssues,
    ];

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::DataAsset => "data_asset",
            Self::RunTime => "run_time",
            Self::Status => "status",
            Self::Tags => "tags",
            Self::SuiteName => "suite_name",
            Self::TotalValidators => "total_validators",
            Self::PassedValidators => "passed_validators",
            Self::FailedValidators => "failed_validators",
            Self::ErrorValidators => "error_validators",
            Self::TotalRows => "total_rows",
            Self::TotalColumns => "total_columns",
            Self::TotalIssues => "total_issues",
            Self::CriticalIssues => "critical_issues",
            Self::HighIssues => "high_issues",
            Self::MediumIssues => "medium_issues",
            Self::LowIssues => "low_issues",
            Self::ExecutionTimeMs => "execution_time_ms",
            Self::ExecutionTimeExact => "execution_time_exact",
            Self::Size => "size",
            Self::Checksum => "checksum",
            Self::Age => "age",
            Self::Chance => "chance",
            Self::SavedAt => "saved_at",
            Self::Op => "op",
            Self::Gen => "gen",
            Self::Suffix => "suffix",
            Self::Ext => "ext",
            Self::Before => "before",
            Self::Arrived => "arrived",
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Id | Self::DataAsset | Self::Status | Self::Tags | Self::Op | Self::Suffix => Kind::Text,
            Self::SuiteName | Self::Ext => Kind::OptionalText,
            Self::Before => Kind::OptionalBytes,
            Self::RunTime | Self::SavedAt | Self::Arrived => Kind::Time,
            Self::ExecutionTimeMs => Kind::OptionalDecimal,
            Self::ExecutionTimeExact => Kind::OptionalFloat,
            Self::Checksum => Kind::Fixed(CHECKSUM),
            Self::Age => Kind::Number,
            Self::Chance => Kind::Fixed(CHANCE),
            _ => Kind::Count,
        }
    }

    /// How the values are written: by what took the fewest bytes for results like those of a data platform.
    fn encoding(self) -> Encoding {
        match self {
            Self::Id => Encoding::DELTA_BYTE_ARRAY,
            Self::RunTime
            | Self::SavedAt
            | Self::Age
            | Self::Size
            | Self::ExecutionTimeMs
            | Self::Gen
            | Self::TotalRows
            | Self::Arrived => Encoding::DELTA_BINARY_PACKED,
            _ if matches!(self.kind(), Kind::Count) => Encoding::BYTE_STREAM_SPLIT,
            _ => Encoding::PLAIN,
        }
    }

    /// Tells whether few values are written often.
    pub(super) const fn repeats(self) -> bool {
        match self {
            Self::Id | Self::Before => false,
            _ => matches!(self.kind(), Kind::Text | Kind::OptionalText),
        }
    }

    /// Tells whether compression saves anything: chance does not grow smaller, nor do differences and references that take few bits. Each
    /// column that does without it is read faster, too.
    fn compresses(self) -> bool {
        match self {
            Self::Id | Self::Tags | Self::Ext | Self::Before | Self::ExecutionTimeExact => true,
            _ => self.encoding() == Encoding::BYTE_STREAM_SPLIT,
        }
    }

    /// Tells whether the page index says what values pages hold: pages are passed over by it, put in order, and not decoded where all
    /// rows have the same value or none.
    pub(super) const fn is_indexed(self) -> bool {
        matches!(
            self,
            Self::Id
                | Self::DataAsset
                | Self::RunTime
                | Self::Status
                | Self::SuiteName
                | Self::TotalColumns
                | Self::ExecutionTimeExact
                | Self::Age
                | Self::Op
                | Self::Gen
                | Self::Suffix
                | Self::Ext
                | Self::Before
                | Self::Arrived
        )
    }

    fn field(self) -> parquet::errors::Result<TypePtr> {
        let kind = self.kind();
        let (physical, logical, length) = match kind {
            Kind::Text | Kind::OptionalText => (Physical::BYTE_ARRAY, Some(LogicalType::String), -1),
            Kind::OptionalBytes => (Physical::BYTE_ARRAY, None, -1),
            Kind::Count => (Physical::INT64, Some(LogicalType::integer(64, false)), -1),
            Kind::Number => (Physical::INT64, None, -1),
            Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)), -1),
            Kind::OptionalDecimal => (Physical::INT64, Some(LogicalType::decimal(3, 18)), -1),
            Kind::OptionalFloat => (Physical::DOUBLE, None, -1),
            Kind::Fixed(length) => {
                (Physical::FIXED_LEN_BYTE_ARRAY, None, i32::try_from(length).unwrap_or(i32::MAX))
            }
        };
        let field = Type::primitive_type_builder(self.name(), physical)
            .with_repetition(if kind.is_optional() { Repetition::OPTIONAL } else { Repetition::REQUIRED })
            .with_logical_type(logical)
            .with_length(length);
        let field =
            if kind == Kind::OptionalDecimal { field.with_precision(18).with_scale(3) } else { field };
        Ok(Arc::new(field.build()?))
    }
}

/// The schema of every segment.
pub(super) fn schema() -> parquet::errors::Result<TypePtr> {
    let fields = Column::ALL.into_iter().map(Column::field).collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("row").with_fields(fields).build()?))
}

/// How a column is written of which a dictionary would be too long.
pub(super) fn without_dictionary(properties: &WriterPropertiesPtr, column: Column) -> WriterPropertiesPtr {
    let properties = (**properties).clone().into_builder();
    Arc::new(properties.set_column_dictionary_enabled(ColumnPath::from(column.name()), false).build())
}

/// How a segment is written.
pub(super) fn properties(compresses: bool) -> parquet::errors::Result<WriterPropertiesPtr> {
    let sorted = |column: Column| SortingColumn {
        column_idx: i32::try_from(column.index()).unwrap_or(i32::MAX),
        descending: false,
        nulls_first: false,
    };
    let zstd = Compression::ZSTD(ZstdLevel::try_new(LEVEL)?);
    let mut properties = WriterProperties::builder()
        .set_created_by("truthound-stores".to_owned())
        // Only the number of rows ends a page, so that all columns have theirs at the same rows.
        .set_data_page_row_count_limit(PAGE)
        .set_write_batch_size(PAGE)
        .set_data_page_size_limit(usize::MAX >> 1)
        // So does a dictionary that is full: whether a column has one is decided before it is written.
        .set_dictionary_page_size_limit(usize::MAX >> 1)
        .set_max_row_group_row_count(Some(BAND))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_sorting_columns(Some([Column::DataAsset, Column::RunTime, Column::Id].map(sorted).to_vec()));
    for column in Column::ALL {
        let path = ColumnPath::from(column.name());
        properties = properties.set_column_encoding(path.clone(), column.encoding());
        if column.repeats() {
            properties = properties.set_column_dictionary_enabled(path.clone(), true);
        }
        if column.is_indexed() {
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::Page);
        }
        if compresses && column.compresses() {
            properties = properties.set_column_compression(path, zstd);
        }
    }
    Ok(Arc::new(properties.build()))
}
